// Runs one contender in a process of its own: node read-job.mjs CONTENDER CASE LOCATION CHUNKS READS
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { chunkName, randomChunks } from "../lib/read-data.mjs";
import { READERS } from "./readers.mjs";

/** Bytes of a chunk. */
const SIZE = 32 * 1024;

if (isMainThread) {
  const [contender, job, location, chunks, reads] = process.argv.slice(2);
  const before = process.resourceUsage().maxRSS;
  const started = performance.now();
  const more = await cases()[job](contender, location, Number(chunks), Number(reads));
  const milliseconds = performance.now() - started;
  const rss = (process.resourceUsage().maxRSS - before) / 1024;
  console.log(JSON.stringify({ milliseconds, rss, ...more }));
  process.exit();
} else {
  const { contender, location, descriptor, names } = workerData;
  const reader = descriptor ? await reopened(descriptor) : await READERS[contender].open(location);
  for (const name of names) await reader.get(name);
  parentPort.postMessage("done");
}

/** The cases. Each returns further measurements, where it has any. */
function cases() {
  return {
    async open(contender, location, chunks) {
      const reader = await READERS[contender].open(location);
      check(await reader.get(chunkName(chunks >> 1)));
    },
    async random(contender, location, chunks, reads) {
      const reader = await READERS[contender].open(location);
      const opened = performance.now();
      for (const name of randomChunks(chunks, reads)) check(await reader.get(name));
      return { microseconds: ((performance.now() - opened) * 1000) / reads };
    },
    async range(contender, location, chunks, reads) {
      const reader = await READERS[contender].open(location);
      const opened = performance.now();
      for (const name of randomChunks(chunks, reads)) check(await reader.getRange(name, SIZE));
      return { microseconds: ((performance.now() - opened) * 1000) / reads };
    },
    async sync(contender, location, chunks, reads) {
      const reader = await READERS[contender].open(location);
      const target = new Uint8Array(SIZE);
      const opened = performance.now();
      for (const name of randomChunks(chunks, reads)) reader.getSync(name, target);
      return { microseconds: ((performance.now() - opened) * 1000) / reads };
    },
    async remote(contender, location, chunks, reads) {
      const reader = await READERS[contender].openUrl(location);
      const first = chunks >> 1;
      const values = Array.from({ length: reads }, (_, i) => reader.get(chunkName(first + i)));
      for (const value of await Promise.all(values)) check(value);
    },
    async threads(contender, location, chunks, reads) {
      const shared = contender === "ozx" ? await openShared(location) : undefined;
      await Promise.all(
        [1, 2, 3, 4].map((seed) => {
          const names = randomChunks(chunks, reads / 4, seed);
          const data = { contender, location, descriptor: shared?.descriptor(), names };
          const worker = new Worker(new URL(import.meta.url), { workerData: data });
          return new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
        }),
      );
    },
  };
}

function check(value) {
  if (value === undefined) throw new Error("a value is missing");
}

async function openShared(path) {
  const { open } = await import("ozx");
  return open(path, { shareIndex: true });
}

async function reopened(descriptor) {
  const { reopen } = await import("ozx");
  const store = await reopen(descriptor);
  return { get: (name) => store.get(`/${name}`) };
}
