// Adding lower-resolution levels, compared with plain packing, zarr-python and tensorstore: node perf/pyramid.mjs --help
import { randomFillSync } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openConvertBench, zarrPython } from "./lib/convert-bench.mjs";

const { scale, cases, workspace, convert, compare } = openConvertBench(
  "pyramid",
  "the 16384 × 16384 pixels of a plane, and the 256 planes of a stack",
  ["plane", "stack"],
);

const side = Math.max(2, Math.round(32 * Math.sqrt(scale))) * 512;
const planes = Math.max(1, Math.round(8 * scale)) * 32;
const IMAGES = {
  plane: { shape: [side, side], chunk: [512, 512], axes: ["y", "x"] },
  stack: { shape: [planes, 2048, 2048], chunk: [32, 256, 256], axes: ["z", "y", "x"] },
};

for (const id of cases) {
  const image = IMAGES[id];
  const folder = join(workspace, `${id}-${image.shape.join("x")}.zarr`);
  makeImage(folder, image);
  await compare(`Levels of an image of ${image.shape.join(" × ")} uint16`, folder, [
    { name: "ozx --pyramid", run: (out) => convert(folder, out, "--pyramid") },
    { name: "ozx, sharded", run: (out) => convert(folder, out, "--pyramid", "--shard", "auto") },
    { name: "ozx, zstd:1", run: (out) => convert(folder, out, "--pyramid", "--codec", "zstd:1") },
    ...zarrPython("zarr_pyramid.py", folder),
    ...zarrPython("tensorstore_pyramid.py", folder).map((peer) => ({ ...peer, name: "tensorstore" })),
  ]);
}

/** Writes an image with one uncompressed level of random pixels. */
function makeImage(folder, { shape, chunk, axes }) {
  if (existsSync(join(folder, "zarr.json"))) return;
  const bytes = randomFillSync(Buffer.allocUnsafe(chunk.reduce((product, extent) => product * extent, 2)));
  const counts = shape.map((extent, axis) => extent / chunk[axis]);
  const total = counts.reduce((product, count) => product * count, 1);
  for (let index = 0; index < total; index++) {
    const position = [];
    for (let [rest, axis] = [index, counts.length - 1]; axis >= 0; axis--) {
      position.unshift(rest % counts[axis]);
      rest = Math.floor(rest / counts[axis]);
    }
    const path = join(folder, "0", "c", ...position.map(String));
    if (position.at(-1) === 0) mkdirSync(dirname(path), { recursive: true });
    bytes.writeUInt32LE(index);
    writeFileSync(path, bytes);
  }
  const array = {
    zarr_format: 3,
    node_type: "array",
    shape,
    data_type: "uint16",
    chunk_grid: { name: "regular", configuration: { chunk_shape: chunk } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: 0,
    codecs: [{ name: "bytes", configuration: { endian: "little" } }],
    attributes: {},
    dimension_names: axes,
  };
  const described = axes.map((name) => ({ name, type: "space", unit: "micrometer" }));
  const datasets = [{ path: "0", coordinateTransformations: [{ type: "scale", scale: shape.map(() => 1) }] }];
  const multiscales = [{ name: "benchmark", axes: described, datasets }];
  const group = {
    zarr_format: 3,
    node_type: "group",
    attributes: { ome: { version: "0.5", multiscales } },
  };
  writeFileSync(join(folder, "0", "zarr.json"), JSON.stringify(array));
  writeFileSync(join(folder, "zarr.json"), JSON.stringify(group));
}
