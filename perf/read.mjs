// Opening and reading archives, compared with other libraries: node perf/read.mjs --help
import { execFile } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { compareWithPlain } from "./lib/floor.mjs";
import { describeMachine } from "./lib/machine.mjs";
import { readOptions } from "./lib/options.mjs";
import { makeArchive, shuffleDirectory } from "./lib/read-data.mjs";
import { startSlowServer } from "./lib/slow-server.mjs";
import { formatTable, median } from "./lib/table.mjs";
import { openWorkspace } from "./lib/workspace.mjs";

const HELP = `node perf/read.mjs [options]
  --case open|shuffled|random|floor|remote|threads|all   what to time (all)
  --only a,b     only these contenders
  --rounds N     rounds; each contender runs once per round (3)
  --scale X      fraction of the entries and reads, as in 0.1 (1)
  --latency MS   delay of each response of the server (50)
  --dir PATH     folder for data, which is kept for later runs`;

const options = readOptions(
  {
    case: { type: "string", default: "all" },
    only: { type: "string" },
    rounds: { type: "string", default: "3" },
    scale: { type: "string", default: "1" },
    latency: { type: "string", default: "50" },
    dir: { type: "string" },
  },
  HELP,
);
const rounds = Number(options.rounds);
const scale = Number(options.scale);
const only = options.only?.split(",");
const VENV = fileURLToPath(new URL("../interop/.venv/bin/python", import.meta.url));
const PYTHON = existsSync(VENV) ? VENV : "python3";
const run = promisify(execFile);

console.log(`${describeMachine()}\n${rounds} rounds, warm cache\n`);
const workspace = openWorkspace(options.dir);
const many = Math.round(1_000_000 * scale);
const some = Math.round(100_000 * scale);
const reads = Math.round(10_000 * scale);
const SIZE = 32 * 1024;

const JAVASCRIPT = ["ozx", "zarrita", "unzipit", "zip.js", "yauzl"];
const PYTHONS = ["zipfile", "zarr-python"];
/** Contenders that run another one in another case: its name, and the case. */
const VARIANTS = new Map([
  ["ozx (blocking)", ["ozx", "sync"]],
  ["ozx (range)", ["ozx", "range"]],
  ["fs.readSync", ["fs.read", "sync"]],
]);

const manyPath = join(workspace, `many-${many}.ozx`);
if (["open", "shuffled"].some(isWanted)) await makeArchive(manyPath, many, 1);
if (isWanted("open")) {
  const contenders = [...JAVASCRIPT, ...PYTHONS];
  await compare(`Open ${text(many)} entries and read one`, contenders, {
    ...{ job: "open", location: manyPath, chunks: many, reads: 1 },
  });
}
if (isWanted("shuffled")) {
  const path = join(workspace, `shuffled-${many}.ozx`);
  shuffleDirectory(manyPath, path);
  const title = `Open ${text(many)} entries with a shuffled directory and read one`;
  await compare(title, ["ozx", "unzipit", "zipfile"], {
    job: "open",
    location: path,
    chunks: many,
    reads: 1,
  });
}
const somePath = join(workspace, `some-${some}.ozx`);
const onSome = { location: somePath, chunks: some };
if (["random", "floor", "remote", "threads"].some(isWanted)) await makeArchive(somePath, some, SIZE);
if (isWanted("random")) {
  const title = `${text(reads)} random reads of ${text(SIZE)} bytes, one after the other, from ${text(some)} entries`;
  const ours = ["fs.read", "ozx", "ozx (range)", "fs.readSync", "ozx (blocking)"];
  await compare(title, [...ours, ...JAVASCRIPT.slice(1), ...PYTHONS], { job: "random", ...onSome, reads });
}
if (isWanted("floor")) {
  const count = reads * rounds;
  const title = `${text(count)} random reads of ${text(SIZE)} bytes and of plain bytes, in turn, from ${text(some)} entries`;
  console.log(`${title}\n\n${await compareWithPlain(somePath, some, count, SIZE)}\n`);
}
if (isWanted("remote")) {
  const title = `Open ${text(some)} entries on a server with a latency of ${options.latency} ms`;
  const contenders = JAVASCRIPT.slice(0, 4);
  await compare(`${title} and read one`, contenders, { job: "remote", ...onSome, reads: 1 });
  await compare(`${title} and read 48 neighbours at once`, contenders, {
    job: "remote",
    ...onSome,
    reads: 48,
  });
}
if (isWanted("threads")) {
  const title = `${text(reads)} random reads by 4 threads (processes for Python), including opening`;
  await compare(title, ["ozx", "zarrita", "unzipit", ...PYTHONS], { job: "threads", ...onSome, reads });
}
if (options.dir === undefined) rmSync(workspace, { recursive: true, force: true });

function isWanted(name) {
  return options.case === "all" || options.case === name;
}

/**
 * Runs all contenders in turn, once per round, each in a process of its own, and prints a table.
 *
 * @param work `job`, a case of `peers/read-job.mjs`; `location` of the archive; the number of its `chunks`, and of `reads`
 */
async function compare(title, contenders, work) {
  const results = new Map(contenders.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, own] of results) {
      if (only && !only.includes(name)) continue;
      status(`${title}: round ${round + 1}, ${name}`);
      const { job, location } = work;
      const server = job === "remote" ? await startSlowServer(location, Number(options.latency)) : undefined;
      const result = await runOne(name, { ...work, location: server?.url ?? location }).catch((error) => {
        status("");
        console.error(
          `${name} is left out: ${String(error.stderr ?? error)
            .split("\n")
            .find((line) => /Error|error/.test(line))}`,
        );
        results.delete(name);
      });
      await server?.close();
      if (result) own.push({ ...result, ...server?.counts });
    }
  }
  status("");
  const columns = [
    ["median ms", ({ milliseconds }) => milliseconds, 0],
    ["min ms", ({ milliseconds }) => milliseconds, 0, Math.min],
    ["µs per read", ({ microseconds }) => microseconds, 1],
    ["requests", ({ requests }) => requests, 0],
    ["MB", ({ bytes }) => bytes && bytes / 1e6, 1],
    ["RSS growth MiB", ({ rss }) => rss, 0],
  ].filter(([, value]) => [...results.values()].some(([first]) => first && value(first) !== undefined));
  const rows = [...results].flatMap(([name, own]) =>
    own.length === 0
      ? []
      : [
          [
            name,
            ...columns.map(([, value, digits, choose = (...all) => median(all)]) =>
              format(choose(...own.map((result) => value(result) ?? Number.NaN)), digits),
            ),
          ],
        ],
  );
  console.log(`${title}\n\n${formatTable(["", ...columns.map(([header]) => header)], rows)}\n`);
}

async function runOne(name, { job, location, chunks, reads }) {
  const isPython = PYTHONS.includes(name);
  const script = fileURLToPath(
    new URL(`peers/${isPython ? "read_job.py" : "read-job.mjs"}`, import.meta.url),
  );
  const [contender, kind] = VARIANTS.get(name) ?? [name, job];
  const args = [script, contender, kind, location, chunks, reads].map(String);
  const { stdout } = await run(isPython ? PYTHON : process.execPath, args, { timeout: 600_000 });
  return JSON.parse(stdout);
}

function format(number, digits) {
  return Number.isNaN(number) ? "–" : number.toFixed(digits);
}

function text(number) {
  return number.toLocaleString("en");
}

function status(line) {
  if (process.stderr.isTTY) process.stderr.write(`\r${line}\u001b[K`);
}
