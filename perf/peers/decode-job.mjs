// Reads blocks of an array with ozx or zarrita, whenever it is told to: node decode-job.mjs CONTENDER FOLDER THREADS
//
// Each line of standard input is a block, [[start, stop], ...] in JSON; the answer is a line with wall and processor
// seconds, a sum of some pixels, and the peak of memory in MiB.
import { createInterface } from "node:readline";

const [contender, folder, threads] = process.argv.slice(2);

const OPENERS = {
  async ozx() {
    const { openOmeZarr } = await import("ozx");
    const node = await openOmeZarr(folder, { workers: threads === "1" ? 0 : Number(threads) });
    const level = node.images[0].level(0);
    return (block) =>
      level.read(Object.fromEntries(block.map((bounds, axis) => [level.axes[axis].name, bounds])));
  },
  async zarrita() {
    const { FileSystemStore } = await import("@zarrita/storage");
    const zarr = await import("zarrita");
    const array = await zarr.open(zarr.root(new FileSystemStore(`${folder}/0`)), { kind: "array" });
    return (block) =>
      zarr.get(
        array,
        block.map((bounds) => zarr.slice(...bounds)),
      );
  },
};

/** What new memory costs: it is written once, like a block that is read. */
OPENERS["node-memory"] = async () => {
  const piece = new Uint16Array(64 * 1024);
  return (block) => {
    const length = block.reduce((product, [start, stop]) => product * (stop - start), 1);
    const data = new Uint16Array(new SharedArrayBuffer(length * 2));
    for (let at = 0; at < length; at += piece.length) {
      data.set(at + piece.length > length ? piece.subarray(0, length - at) : piece, at);
    }
    return { data };
  };
};

const read = await OPENERS[contender]();
answer({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const block = JSON.parse(line);
  const before = process.memoryUsage.rss() / 2 ** 20;
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  const { data } = await read(block);
  const used = process.cpuUsage(cpu);
  const seconds = (performance.now() - wall) / 1000;
  let check = 0;
  const step = Math.max(1, Math.floor(data.length / 1000));
  for (let at = 0; at < data.length; at += step) check += data[at];
  answer({
    wall: seconds,
    cpu: (used.user + used.system) / 1e6,
    check,
    before,
    peak: process.resourceUsage().maxRSS / 1024,
  });
}
process.exit();

function answer(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
