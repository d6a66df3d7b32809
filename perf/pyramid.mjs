// Adding lower-resolution levels, compared with plain packing and zarr-python: node perf/pyramid.mjs --help
import { randomFillSync } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openConvertBench, zarrPython } from "./lib/convert-bench.mjs";

const { scale, workspace, convert, compare } = openConvertBench(
  "pyramid",
  "the 1024 chunks of 512 × 512 uint16",
);

const CHUNK = 512;
const side = Math.max(1, Math.round(Math.sqrt(1024 * scale)));
const image = join(workspace, `plane-${side}.zarr`);
makePlane(image);

await compare(`Levels of an image of ${side * CHUNK} × ${side * CHUNK} uint16`, image, [
  { name: "ozx --pyramid", run: (out) => convert(image, out, "--pyramid") },
  { name: "ozx, sharded", run: (out) => convert(image, out, "--pyramid", "--shard", "auto") },
  { name: "ozx, zstd:1", run: (out) => convert(image, out, "--pyramid", "--codec", "zstd:1") },
  ...zarrPython("zarr_pyramid.py", image),
]);

/** Writes an image with one uncompressed level of random pixels. */
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
