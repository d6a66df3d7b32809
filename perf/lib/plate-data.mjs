import { randomFillSync } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Writes a plate of OME-Zarr 0.5 as a folder: fields of one level of uint16, in chunks that are not compressed. An
 * existing folder is kept, so that it can be used again.
 *
 * @param wells how many, in 8 rows and more
 * @param fields in each well
 * @param side of a field in y and x, in pixels
 * @param chunk the side of a chunk
 */
export function makePlate(folder, { wells, fields, side, chunk }) {
  if (existsSync(join(folder, "zarr.json"))) return;
  const columns = Math.ceil(wells / 8);
  const paths = Array.from({ length: wells }, (_, k) => [Math.floor(k / columns), k % columns]);
  const rowName = (row) => String.fromCharCode(65 + row);
  const pixels = randomFillSync(Buffer.alloc(chunk * chunk * 2));
  // Four random bits of twelve, as of a camera: a third of it is noise.
  for (let k = 0; k < pixels.length; k += 2) pixels.writeUInt16LE(0x400 | (pixels[k] & 0xf), k);
  const images = Array.from({ length: fields }, (_, k) => ({ path: String(k) }));
  for (const [row, column] of paths) {
    const well = join(folder, rowName(row), String(column + 1));
    for (const { path } of images) writeField(join(well, path), pixels, { side, chunk });
    write(well, group({ well: { images } }));
  }
  const rows = [...new Set(paths.map(([row]) => row))];
  for (const row of rows) write(join(folder, rowName(row)), group());
  const plate = {
    rows: rows.map((row) => ({ name: rowName(row) })),
    columns: Array.from({ length: columns }, (_, k) => ({ name: String(k + 1) })),
    wells: paths.map(([row, column]) => ({
      path: `${rowName(row)}/${column + 1}`,
      rowIndex: row,
      columnIndex: column,
    })),
  };
  write(folder, group({ plate }));
}

function writeField(folder, pixels, { side, chunk }) {
  const axes = ["y", "x"].map((name) => ({ name, type: "space", unit: "micrometer" }));
  const datasets = [{ path: "0", coordinateTransformations: [{ type: "scale", scale: [1, 1] }] }];
  const along = Math.ceil(side / chunk);
  for (let y = 0; y < along; y++) {
    const row = join(folder, "0", "c", String(y));
    mkdirSync(row, { recursive: true });
    for (let x = 0; x < along; x++) {
      pixels.writeUInt16LE(Math.floor(Math.random() * 4096), 2 * x);
      writeFileSync(join(row, String(x)), pixels);
    }
  }
  write(folder, group({ multiscales: [{ name: "field", axes, datasets }] }));
  write(join(folder, "0"), {
    zarr_format: 3,
    node_type: "array",
    shape: [side, side],
    data_type: "uint16",
    chunk_grid: { name: "regular", configuration: { chunk_shape: [chunk, chunk] } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: 0,
    codecs: [{ name: "bytes", configuration: { endian: "little" } }],
    attributes: {},
    dimension_names: ["y", "x"],
  });
}

function group(ome) {
  const attributes = ome === undefined ? {} : { ome: { version: "0.5", ...ome } };
  return { zarr_format: 3, node_type: "group", attributes };
}

function write(folder, document) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "zarr.json"), `${JSON.stringify(document, null, 2)}\n`);
}
