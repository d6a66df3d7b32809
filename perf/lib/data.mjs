import { randomFillSync } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

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
  writeFileSync(join(folder, "0", "zarr.json"), json(arrayMetadata(side, Math.max(...chunks))));
  writeFileSync(join(folder, "zarr.json"), json(imageMetadata()));
}

/** The paths of all files below a folder, relative to it, in the order of their positions. */
export function filesIn(folder) {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const relative = paths.map((path) => path.slice(folder.length + 1));
  return relative.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

function arrayMetadata(side, chunk) {
  return {
    zarr_format: 3,
    node_type: "array",
    shape: [side, side * chunk],
    data_type: "uint8",
    chunk_grid: { name: "regular", configuration: { chunk_shape: [1, chunk] } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: 0,
    codecs: [{ name: "bytes" }],
    attributes: {},
    dimension_names: ["y", "x"],
  };
}

function imageMetadata() {
  const axes = ["y", "x"].map((name) => ({ name, type: "space", unit: "micrometer" }));
  const coordinateTransformations = [{ type: "scale", scale: [1, 1] }];
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
