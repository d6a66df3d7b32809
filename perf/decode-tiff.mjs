// Decoding the tiles and strips of TIFFs in memory, beside tifffile: node perf/decode-tiff.mjs --help
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { describeMachine } from "./lib/machine.mjs";
import { readOptions } from "./lib/options.mjs";
import { formatTable } from "./lib/table.mjs";

const HELP = `node perf/decode-tiff.mjs [options]
  --only text      only files whose name has this text
  --python PATH    a Python with tifffile and imagecodecs (interop/.venv/bin/python)
  --rounds N       rounds, the best of which counts (3)
  --scale N        1 is 268 MB of pixels a file (1)

MB (10^6) of pixels per second of wall time, with one and with two threads: what is in the file is in memory already. Of
tifffile, which reads the file from the cache of the disk, the whole of imread.`;

const options = readOptions(
  {
    only: { type: "string", default: "" },
    python: {
      type: "string",
      default: fileURLToPath(new URL("../interop/.venv/bin/python", import.meta.url)),
    },
    rounds: { type: "string", default: "3" },
    scale: { type: "string", default: "1" },
  },
  HELP,
);
const rounds = Number(options.rounds);

/**
 * The best speed of so many threads that share the segments of a file, in MB/s.
 *
 * @param {{ path: string, bytes: number, layout: object, segments: number[][] }} file
 * @param {number} threads
 */
async function speedOf({ path, bytes, layout, segments }, threads) {
  const content = readFileSync(path);
  const memory = new SharedArrayBuffer(content.length);
  new Uint8Array(memory).set(content);
  const workers = Array.from({ length: threads }, (_, k) => {
    const mine = segments.filter((_, at) => at % threads === k);
    const worker = new Worker(new URL("peers/tiff-segments-thread.mjs", import.meta.url), {
      workerData: { memory, layout, segments: mine, rounds },
    });
    return worker;
  });
  const next = (worker) =>
    new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  let best = 0;
  for (let round = 0; round <= rounds; round++) {
    await Promise.all(workers.map(next));
    const started = performance.now();
    const answers = workers.map(next);
    for (const worker of workers) worker.postMessage("start");
    const decoded = (await Promise.all(answers)).reduce((sum, answer) => sum + answer.bytes, 0);
    if (decoded !== bytes) throw new Error(`${path}: ${decoded} bytes in place of ${bytes}`);
    if (round > 0) best = Math.max(best, bytes / (performance.now() - started) / 1000);
  }
  await Promise.all(workers.map((worker) => worker.terminate()));
  return best;
}

const folder = mkdtempSync(join(tmpdir(), "ozx-tiff-"));
try {
  console.log(describeMachine());
  const script = fileURLToPath(new URL("peers/tiff_segments.py", import.meta.url));
  const json = execFileSync(options.python, [script, folder, options.scale, options.only], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const rows = [];
  for (const file of JSON.parse(json)) {
    const [one, two] = [await speedOf(file, 1), await speedOf(file, 2)];
    const numbers = [file.bytes / 1e6, one, two, file.one, file.two].map((value) => value.toFixed(0));
    rows.push([file.name, ...numbers, (two / file.two).toFixed(1)]);
  }
  console.log(
    formatTable(["", "MB", "1 thread", "2 threads", "tifffile, 1", "tifffile, 2", "× tifffile"], rows),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
