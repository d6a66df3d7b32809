// Adding lower-resolution levels, compared with plain packing, zarr-python and tensorstore: node perf/pyramid.mjs --help
import { randomFillSync } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openConvertBench, zarrPython } from "./lib/convert-bench.mjs";
import { makeArray } from "./lib/data.mjs";

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
function makeImage(folder, image) {
  if (existsSync(join(folder, "zarr.json"))) return;
  const bytes = randomFillSync(
    Buffer.allocUnsafe(image.chunk.reduce((product, extent) => product * extent, 2)),
  );
  makeArray(folder, image, (_, index) => {
    bytes.writeUInt32LE(index);
    return bytes;
  });
}
