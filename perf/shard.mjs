// Sharding, compared with plain packing and zarr-python: node perf/shard.mjs --help
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { openConvertBench, zarrPython } from "./lib/convert-bench.mjs";
import { makeImage } from "./lib/data.mjs";
import { OZX, remove } from "./lib/workspace.mjs";

const { scale, workspace, convert, compare } = openConvertBench("shard", "the 100,000 chunks of 10 KB");

const SIZE = 10_000;
const count = Math.max(1, Math.round(100_000 * scale));
const image = join(workspace, `small-${count}.zarr`);
makeImage(image, Array(count).fill(SIZE));
const side = Math.ceil(Math.sqrt(count));
// Shards of about 100 chunks, which both tools can write.
const shape = [Math.min(side, 10), Math.min(side, 10)];
const sharded = join(workspace, "sharded.ozx");
remove(sharded);
const shardOption = (rows, columns) => ["--shard", `y=${rows},x=${columns * SIZE}`];
execFileSync(OZX[0], [OZX[1], "convert", "--quiet", image, sharded, ...shardOption(...shape)]);

await compare(`Sharding ${count.toLocaleString("en")} chunks of ${SIZE.toLocaleString("en")} bytes`, image, [
  { name: "ozx --shard auto", run: (out) => convert(image, out, "--shard", "auto") },
  { name: "ozx, 100 per shard", run: (out) => convert(image, out, ...shardOption(...shape)) },
  { name: "ozx, other shards", run: (out) => convert(sharded, out, ...shardOption(20, 20)) },
  { name: "ozx --shard none", run: (out) => convert(sharded, out, "--shard", "none") },
  { name: "ozx --codec zstd:1", run: (out) => convert(image, out, "--codec", "zstd:1") },
  { name: "ozx, both", run: (out) => convert(image, out, "--codec", "zstd:1", ...shardOption(...shape)) },
  ...zarrPython("zarr_shard.py", image, ...shape.map(String)),
]);
remove(sharded);
