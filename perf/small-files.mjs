// Reading many small files in the ways that Node has: node perf/small-files.mjs --help
import * as fs from "node:fs";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { filesIn, makeImage } from "./lib/data.mjs";
import { describeMachine } from "./lib/machine.mjs";
import { readOptions } from "./lib/options.mjs";
import { formatTable, median } from "./lib/table.mjs";
import { openWorkspace } from "./lib/workspace.mjs";

const HELP = `node perf/small-files.mjs [options]
  --rounds N     rounds; each way reads all files once per round (3)
  --scale X      fraction of 100,000 files of 10 KB (1)
  --dir PATH     folder for the files, which are kept for later runs`;

const SIZE = 10_000;

if (isMainThread) await main();
else parentPort.on("message", () => parentPort.postMessage(readBlocking(workerData.paths)));

async function main() {
  const options = readOptions(
    {
      rounds: { type: "string", default: "3" },
      scale: { type: "string", default: "1" },
      dir: { type: "string" },
    },
    HELP,
  );
  const count = Math.max(100, Math.round(100_000 * Number(options.scale)));
  const image = join(openWorkspace(options.dir), `small-${count}.zarr`);
  makeImage(image, Array(count).fill(SIZE));
  const paths = filesIn(image).map((name) => join(image, name));
  const threads = startThreads(paths);
  const ways = new Map([
    ["two threads, blocking open, read and close", () => Promise.all(threads.map(readInThread))],
    ["blocking open, read and close into one buffer", () => readBlocking(paths)],
    ["`fs.readFileSync`", () => void paths.map((path) => fs.readFileSync(path).length)],
    ["callbacks, 64 at a time", () => atATime(64, paths, readByCallbacks)],
    ["`fs.promises`, 16 at a time", () => atATime(16, paths, readByPromises)],
    ["`fs.promises.readFile`, one at a time", () => atATime(1, paths, (path) => readFile(path))],
  ]);
  const times = new Map([...ways.keys()].map((name) => [name, []]));
  const rounds = Number(options.rounds);
  // Into the page cache; and the threads have started then.
  readBlocking(paths);
  await Promise.all(threads.map(readInThread));
  for (let round = 0; round < rounds; round++) {
    for (const [name, read] of ways) {
      const started = performance.now();
      await read();
      times.get(name).push(((performance.now() - started) * 1000) / paths.length);
    }
  }
  await Promise.all(threads.map((thread) => thread.terminate()));
  const rows = [...times].map(([name, own]) => [name, median(own).toFixed(1)]);
  const title = `Reading ${count.toLocaleString("en")} files of ${SIZE.toLocaleString("en")} bytes`;
  console.log(
    `${describeMachine()}\n${rounds} rounds, warm cache\n\n${title}\n\n${formatTable(["how", "µs a file"], rows)}`,
  );
}

/** Two threads that read half of the files each, whenever they are asked. */
function startThreads(paths) {
  const half = Math.ceil(paths.length / 2);
  const parts = [paths.slice(0, half), paths.slice(half)];
  return parts.map((part) => new Worker(import.meta.filename, { workerData: { paths: part } }));
}

function readInThread(thread) {
  thread.postMessage("read");
  return new Promise((resolve) => thread.once("message", resolve));
}

function readBlocking(paths) {
  const buffer = Buffer.allocUnsafe(64 * 1024);
  for (const path of paths) {
    const file = fs.openSync(path);
    fs.readSync(file, buffer, 0, buffer.length, 0);
    fs.closeSync(file);
  }
}

function readByCallbacks(path) {
  const buffer = Buffer.allocUnsafe(SIZE);
  return new Promise((resolve, reject) => {
    fs.open(path, (error, file) => {
      if (error) return reject(error);
      fs.read(file, buffer, 0, SIZE, 0, () => fs.close(file, () => resolve(buffer)));
    });
  });
}

async function readByPromises(path) {
  const file = await open(path);
  const buffer = Buffer.allocUnsafe(SIZE);
  await file.read(buffer, 0, SIZE, 0);
  await file.close();
  return buffer;
}

/** Reads all, so many at the same time. */
async function atATime(count, paths, read) {
  let next = 0;
  const run = async () => {
    while (next < paths.length) await read(paths[next++]);
  };
  await Promise.all(Array.from({ length: count }, run));
}
