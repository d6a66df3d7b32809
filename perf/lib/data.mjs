import { randomFillSync } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Writes an image laid out like OME-Zarr 0.5 as a folder, with one level of random, incompressible bytes. An existing
 * folder is kept, so that it can be used again.
 *
 * @param chunks the size of each chunk in bytes, in the order of their positions
 */
export function makeImage(folder, chunks) {
  if (existsSync(join(folder, "zarr.json"))) return;
  const side = Math.ceil(Math.sqrt(chunks.length));
  const bytes = randomFillSync(Buffer.allocUnsafe(Math.max(...chunks)));
  chunks.forEach((size, index) => {
    const row = join(folder, "0", "c", String(Math.floor(index / side)));
    if (index % side === 0) mkdirSync(row, { recursive: true });
    // Makes each chunk different without new random bytes.
    bytes.writeUInt32LE(index);
    writeFileSync(join(row, String(index % side)), bytes.subarray(0, size));
  });
  const largest = Math.max(...chunks);
  writeDocuments(folder, {
    shape: [side, side * largest],
    chunk: [1, largest],
    axes: ["y", "x"],
    dtype: "uint8",
  });
}

/**
 * Writes an image of uint16 as a folder, with one uncompressed level.
 *
 * @param fill returns the bytes of a chunk, by its position
 */
export function makeArray(folder, { shape, chunk, axes }, fill) {
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
    writeFileSync(path, fill(position, index));
  }
  writeDocuments(folder, { shape, chunk, axes, dtype: "uint16" });
}

function writeDocuments(folder, array) {
  writeFileSync(join(folder, "0", "zarr.json"), json(arrayMetadata(array)));
  writeFileSync(join(folder, "zarr.json"), json(imageMetadata(array.axes)));
}

/** The paths of all files below a folder, relative to it, in the order of their positions. */
export function filesIn(folder) {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const relative = paths.map((path) => path.slice(folder.length + 1));
  return relative.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

function arrayMetadata({ shape, chunk, axes, dtype }) {
  return {
    zarr_format: 3,
    node_type: "array",
    shape,
    data_type: dtype,
    chunk_grid: { name: "regular", configuration: { chunk_shape: chunk } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: 0,
    codecs: [dtype === "uint8" ? { name: "bytes" } : { name: "bytes", configuration: { endian: "little" } }],
    attributes: {},
    dimension_names: axes,
  };
}

function imageMetadata(names) {
  const axes = names.map((name) => ({ name, type: "space", unit: "micrometer" }));
  const coordinateTransformations = [{ type: "scale", scale: names.map(() => 1) }];
  const datasets = [{ path: "0", coordinateTransformations }];
  return {
    zarr_format: 3,
    node_type: "group",
    attributes: { ome: { version: "0.5", multiscales: [{ name: "benchmark", axes, datasets }] } },
  };
}

function json(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}
