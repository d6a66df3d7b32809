// Adding levels, beside plain packing and zarr-python: node perf/pyramid.mjs --help
import { randomFillSync } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compare } from "./lib/compare.mjs";
import { describeMachine } from "./lib/machine.mjs";
import { readOptions } from "./lib/options.mjs";
import { OZX, openWorkspace } from "./lib/workspace.mjs";

const HELP = `node perf/pyramid.mjs [options]
  --only a,b     only these contenders, besides the baseline
  --jobs N       threads of ozx (as many as there are processors)
  --rounds N     rounds; each contender runs once in each (3)
  --scale X      part of the 1024 chunks of 512 × 512 uint16, as in 0.1 (1)
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

const CHUNK = 512;
const side = Math.max(1, Math.round(Math.sqrt(1024 * Number(options.scale))));
const python = fileURLToPath(new URL("../interop/.venv/bin/python", import.meta.url));
const peer = fileURLToPath(new URL("./peers/zarr_pyramid.py", import.meta.url));

console.log(`${describeMachine()}\n${options.rounds} rounds, warm cache\n`);
const workspace = openWorkspace(options.dir);
const image = join(workspace, `plane-${side}.zarr`);
makePlane(image);

const convert = (out, ...more) => {
  const jobs = options.jobs === undefined ? [] : ["--jobs", options.jobs];
  return [...OZX, "convert", "--quiet", ...jobs, image, `${out}.ozx`, ...more];
};
await compare(
  `Levels of an image of ${side * CHUNK} × ${side * CHUNK} uint16`,
  [
    { name: "ozx, plain", run: (out) => convert(out) },
    { name: "ozx --pyramid", run: (out) => convert(out, "--pyramid") },
    { name: "ozx, sharded", run: (out) => convert(out, "--pyramid", "--shard", "auto") },
    { name: "ozx, zstd:1", run: (out) => convert(out, "--pyramid", "--codec", "zstd:1") },
    ...(existsSync(python)
      ? [{ name: "zarr-python", run: (out) => [python, peer, image, `${out}.zarr`] }]
      : []),
  ],
  {
    baseline: "ozx, plain",
    rounds: Number(options.rounds),
    only: options.only?.split(","),
    workspace,
  },
);

/** One level of random pixels, uncompressed. */
function makePlane(folder) {
  if (existsSync(join(folder, "zarr.json"))) return;
  const bytes = randomFillSync(Buffer.allocUnsafe(CHUNK * CHUNK * 2));
  for (let y = 0; y < side; y++) {
    mkdirSync(join(folder, "0", "c", String(y)), { recursive: true });
    for (let x = 0; x < side; x++) {
      bytes.writeUInt32LE(y * side + x);
      writeFileSync(join(folder, "0", "c", String(y), String(x)), bytes);
    }
  }
  const array = {
    zarr_format: 3,
    node_type: "array",
    shape: [side * CHUNK, side * CHUNK],
    data_type: "uint16",
    chunk_grid: { name: "regular", configuration: { chunk_shape: [CHUNK, CHUNK] } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: 0,
    codecs: [{ name: "bytes", configuration: { endian: "little" } }],
    attributes: {},
    dimension_names: ["y", "x"],
  };
  const axes = ["y", "x"].map((name) => ({ name, type: "space", unit: "micrometer" }));
  const datasets = [{ path: "0", coordinateTransformations: [{ type: "scale", scale: [1, 1] }] }];
  const multiscales = [{ name: "benchmark", axes, datasets }];
  const group = {
    zarr_format: 3,
    node_type: "group",
    attributes: { ome: { version: "0.5", multiscales } },
  };
  writeFileSync(join(folder, "0", "zarr.json"), JSON.stringify(array));
  writeFileSync(join(folder, "zarr.json"), JSON.stringify(group));
}
