// Sharding, beside plain packing and zarr-python: node perf/shard.mjs --help
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compare } from "./lib/compare.mjs";
import { makeImage } from "./lib/data.mjs";
import { describeMachine } from "./lib/machine.mjs";
import { readOptions } from "./lib/options.mjs";
import { OZX, openWorkspace, remove } from "./lib/workspace.mjs";

const HELP = `node perf/shard.mjs [options]
  --only a,b     only these contenders, besides the baseline
  --jobs N       threads of ozx (as many as there are processors)
  --rounds N     rounds; each contender runs once in each (3)
  --scale X      part of the 100,000 chunks of 10 KB, as in 0.1 (1)
  --dir PATH     a folder for data and outputs; the data stays there for the next time`;

const options = readOptions(
  {
    only: { type: "string" },
    jobs: { type: "string" },
    rounds: { type: "string", default: "3" },
    scale: { type: "string", default: "1" },
    dir: { type: "string" },
  },
  HELP,
);

const SIZE = 10_000;
const count = Math.max(1, Math.round(100_000 * Number(options.scale)));
const python = fileURLToPath(new URL("../interop/.venv/bin/python", import.meta.url));
const peer = fileURLToPath(new URL("./peers/zarr_shard.py", import.meta.url));

console.log(`${describeMachine()}\n${options.rounds} rounds, warm cache\n`);
const workspace = openWorkspace(options.dir);
const image = join(workspace, `small-${count}.zarr`);
makeImage(image, Array(count).fill(SIZE));
const side = Math.ceil(Math.sqrt(count));
// Shards of about a hundred chunks, which both tools can make.
const shape = [Math.min(side, 10), Math.min(side, 10)];
const sharded = join(workspace, "sharded.ozx");
remove(sharded);
const shardOption = (rows, columns) => ["--shard", `y=${rows},x=${columns * SIZE}`];
execFileSync(OZX[0], [OZX[1], "convert", "--quiet", image, sharded, ...shardOption(...shape)]);

const convert = (input, out, ...more) => {
  const jobs = options.jobs === undefined ? [] : ["--jobs", options.jobs];
  return [...OZX, "convert", "--quiet", ...jobs, input, `${out}.ozx`, ...more];
};
await compare(
  `Sharding ${count.toLocaleString("en")} chunks of ${SIZE.toLocaleString("en")} bytes`,
  [
    { name: "ozx, plain", run: (out) => convert(image, out) },
    { name: "ozx --shard auto", run: (out) => convert(image, out, "--shard", "auto") },
    { name: "ozx, 100 a shard", run: (out) => convert(image, out, ...shardOption(...shape)) },
    { name: "ozx, other shards", run: (out) => convert(sharded, out, ...shardOption(20, 20)) },
    { name: "ozx --shard none", run: (out) => convert(sharded, out, "--shard", "none") },
    { name: "ozx --codec zstd:1", run: (out) => convert(image, out, "--codec", "zstd:1") },
    {
      name: "ozx, both",
      run: (out) => convert(image, out, "--codec", "zstd:1", ...shardOption(...shape)),
    },
    ...(existsSync(python)
      ? [{ name: "zarr-python", run: (out) => [python, peer, image, `${out}.zarr`, ...shape.map(String)] }]
      : []),
  ],
  {
    baseline: "ozx, plain",
    rounds: Number(options.rounds),
    only: options.only?.split(","),
    workspace,
  },
);
remove(sharded);
