// Decoding images, beside zarrita, zarr-python and tensorstore: node perf/decode.mjs --help
import { execFileSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startJob } from "./lib/job.mjs";
import { describeMachine } from "./lib/machine.mjs";
import { measure } from "./lib/measure.mjs";
import { readOptions } from "./lib/options.mjs";
import { formatTable, median } from "./lib/table.mjs";
import { OZX, openWorkspace, remove } from "./lib/workspace.mjs";

const HELP = `node perf/decode.mjs [options]
  --case a,b     what to do (all): read a whole "level" in chunks of 2 MB, or a "small" one in chunks of 128 KB, or each
                 "plane" of 1024 × 1024 out of shards of 64, or one "chunk" of 1024 × 1024 at a time; or run "commands" on the whole level: verify,
                 validate --deep, convert --codec zstd:3, and the last one with zarr-python
  --codec a,b    none, blosc-lz4, blosc-zstd, zstd, gzip (all of them)
  --threads N    threads of each contender (1)
  --only a,b     only these contenders: ozx, zarrita, zarr-python, tensorstore; and what new memory costs, which is
                 written once and nothing else: node-memory, numpy-memory
  --rounds N     rounds; each contender reads once per round, after one that does not count (3)
  --scale X      fraction of 1 GB of pixels, as in 0.1 (1)
  --dir PATH     folder for data, which is kept for later runs

Needs interop/setup.sh perf. All contenders are processes that stay warm, and read the same folder; their pixels are
compared by a sample. CPU is the processor time of the whole process. Blosc's own threads are off with one thread. "first
read" is by how many MiB the peak of memory grew with it.`;

const options = readOptions(
  {
    case: { type: "string", default: "all" },
    codec: { type: "string", default: "none,blosc-lz4,blosc-zstd,zstd,gzip" },
    threads: { type: "string", default: "1" },
    only: { type: "string", default: "ozx,zarrita,zarr-python,tensorstore,node-memory,numpy-memory" },
    rounds: { type: "string", default: "3" },
    scale: { type: "string", default: "1" },
    dir: { type: "string" },
  },
  HELP,
);
const rounds = Number(options.rounds);
const PYTHON = fileURLToPath(new URL("../interop/.venv/bin/python", import.meta.url));
const peer = (name) => fileURLToPath(new URL(`peers/${name}`, import.meta.url));

console.log(`${describeMachine()}\n${rounds} rounds, warm cache, threads: ${options.threads}\n`);
const workspace = openWorkspace(options.dir);
const scale = Number(options.scale);
/** Rows of 22 chunks of 1024² uint16 are 46 MB; so many make 1 GB. */
const rows = Math.max(1, Math.round(22 * scale));
const level = [rows * 1024, 22 * 1024];
const CASES = {
  level: { title: "whole level, chunks of 1024 × 1024", shape: level, chunk: [1024, 1024], reads: 1 },
  small: { title: "whole level, chunks of 256 × 256", shape: level, chunk: [256, 256], reads: 1 },
  plane: {
    title: "planes of 1024 × 1024, out of shards of 64, chunks of 1 × 1024 × 1024",
    shape: [Math.max(1, Math.round(8 * scale)) * 64, 1024, 1024],
    chunk: [1, 1024, 1024],
    shard: [64, 1024, 1024],
    reads: 32,
  },
  chunk: { title: "chunks of 1024 × 1024, one at a time", shape: level, chunk: [1024, 1024], reads: 32 },
};

const IN_PYTHON = new Set(["zarr-python", "tensorstore", "numpy-memory"]);

for (const name of options.case === "all" ? [...Object.keys(CASES), "commands"] : options.case.split(",")) {
  if (name === "commands") await compareCommands();
  else for (const codec of options.codec.split(",")) await compare(CASES[name], name, codec);
}
if (options.dir === undefined) rmSync(workspace, { recursive: true, force: true });

/** The folder of an image, which is made unless it is there. */
function imageFolder({ shape, chunk, shard }, name, codec) {
  const folder = join(workspace, `${name}-${codec}-${shape.join("x")}.zarr`);
  if (!existsSync(folder)) {
    const args = [folder, codec, ...[shape, chunk, shard].filter(Boolean).map(String)];
    execFileSync(PYTHON, [peer("decode_data.py"), ...args], { encoding: "utf8" });
  }
  return folder;
}

/** Whole processes, from start to end, in turn. */
async function compareCommands() {
  const [lz4, zstd] = ["blosc-lz4", "zstd"].map((codec) => imageFolder(CASES.level, "level", codec));
  const out = join(workspace, "out.zarr");
  const jobs = ["-j", options.threads];
  const commands = [
    ["ozx verify, blosc-lz4 and zstd", [...OZX, "verify", ...jobs, lz4, zstd]],
    ["ozx validate --deep, blosc-lz4", [...OZX, "validate", "--deep", ...jobs, lz4]],
    ["ozx validate --deep, zstd", [...OZX, "validate", "--deep", ...jobs, zstd]],
    ["ozx convert --codec zstd:3", [...OZX, "convert", "--codec", "zstd:3", ...jobs, lz4, out]],
    ["zarr-python, zstd level 3", [PYTHON, peer("zarr_recode.py"), lz4, out, options.threads]],
  ];
  const results = new Map(commands.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, command] of commands) {
      execFileSync("sync");
      results.get(name).push(await measure(command));
      remove(out);
    }
  }
  const megabytes = (elementsOf(blocksOf(CASES.level)[0]) * 2) / 1e6;
  const lines = [...results].map(([name, runs]) => [
    name,
    median(runs.map(({ seconds }) => seconds)).toFixed(2),
    median(runs.map(({ cpu }) => cpu)).toFixed(2),
    (megabytes / median(runs.map(({ seconds }) => seconds))).toFixed(0),
    Math.max(...runs.map(({ rss }) => rss)).toFixed(0),
  ]);
  const header = ["", "median s", "CPU s", "MB/s", "RSS MiB"];
  console.log(`Commands on ${megabytes.toFixed(0)} MB\n\n${formatTable(header, lines)}\n`);
}

async function compare(image, name, codec) {
  const { title, reads } = image;
  const folder = imageFolder(image, name, codec);
  const jobs = new Map();
  const results = new Map();
  const growth = new Map();
  const blocks = blocksOf(image);
  const megabytes = (elementsOf(blocks[0]) * 2 * reads) / 1e6;
  for (const contender of options.only.split(",")) {
    const isPython = IN_PYTHON.has(contender);
    const script = peer(isPython ? "decode_job.py" : "decode-job.mjs");
    const args = [script, contender, folder, options.threads];
    jobs.set(contender, await startJob(isPython ? PYTHON : process.execPath, args));
    results.set(contender, []);
  }
  for (let round = 0; round <= rounds; round++) {
    const checks = new Set();
    for (const [contender, job] of jobs) {
      const sum = { wall: 0, cpu: 0, check: 0, peak: 0 };
      for (const block of blocks) {
        const { wall, cpu, check, before, peak } = await job.ask(block);
        if (!growth.has(contender)) growth.set(contender, peak - before);
        sum.wall += wall;
        sum.cpu += cpu;
        sum.check += check;
        sum.peak = Math.max(sum.peak, peak);
      }
      if (!contender.endsWith("-memory")) checks.add(sum.check);
      if (round > 0) results.get(contender).push(sum);
    }
    if (checks.size > 1) throw new Error(`the contenders read different pixels: ${[...checks].join(", ")}`);
  }
  for (const job of jobs.values()) job.end();
  const of = (contender, what) => median(results.get(contender).map((result) => result[what]));
  const base = results.has("zarr-python") ? "zarr-python" : results.keys().next().value;
  const lines = [...results.keys()].map((contender) => [
    contender,
    (of(contender, "cpu") * 1e3).toFixed(0),
    (of(contender, "cpu") / of(base, "cpu")).toFixed(2),
    (of(contender, "wall") * 1e3).toFixed(0),
    (of(contender, "wall") / of(base, "wall")).toFixed(2),
    (megabytes / of(contender, "wall")).toFixed(0),
    of(contender, "peak").toFixed(0),
    growth.get(contender).toFixed(0),
  ]);
  const header = ["", "CPU ms", `× ${base}`, "wall ms", `× ${base}`, "MB/s", "peak MiB", "first read"];
  console.log(`${codec}, ${title} (${megabytes.toFixed(0)} MB)\n\n${formatTable(header, lines)}\n`);
}

/** The blocks that are read: everything, or some planes along the first axis, or some chunks. */
function blocksOf({ shape, chunk, reads }) {
  if (reads === 1) return [shape.map((extent) => [0, extent])];
  const counts = shape.map((extent, axis) => extent / chunk[axis]);
  return Array.from({ length: reads }, (_, k) => {
    const position = counts.map((count, axis) => (k * (29 + axis)) % count);
    return position.map((at, axis) => [at * chunk[axis], (at + 1) * chunk[axis]]);
  });
}

function elementsOf(block) {
  return block.reduce((product, [start, stop]) => product * (stop - start), 1);
}
