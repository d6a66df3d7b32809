import type { AbsolutePath } from "@ozx/core";
import { encodeJson, groupDocument, sampleMap, smallImage } from "@ozx/testing";

/** A plate of two rows and three columns without well B2, and two small fields in each well. */
export async function plateMap(): Promise<Map<AbsolutePath, Uint8Array>> {
  const wells = ["A/1", "A/2", "A/3", "B/1", "B/3"];
  const plate = {
    name: "a small plate",
    field_count: 2,
    rows: [{ name: "A" }, { name: "B" }],
    columns: [{ name: "1" }, { name: "2" }, { name: "3" }],
    wells: wells.map((path) => {
      const [row = "", column = ""] = path.split("/");
      return { path, rowIndex: row === "A" ? 0 : 1, columnIndex: Number(column) - 1 };
    }),
  };
  const map = new Map<AbsolutePath, Uint8Array>([["/zarr.json", group({ version: "0.5", plate })]]);
  for (const [index, path] of wells.entries()) {
    const images = [{ path: "0" }, { path: "1" }];
    map.set(`/${path.slice(0, 1)}/zarr.json`, group(undefined));
    map.set(`/${path}/zarr.json`, group({ version: "0.5", well: { images } }));
    for (const field of [0, 1]) {
      const size = { c: 3, z: 1, y: 96, x: 96 };
      const image = await sampleMap({ size, levels: 1, seed: 1 + index * 2 + field });
      for (const [key, value] of image) map.set(`/${path}/${field}${key}`, value);
    }
  }
  return map;
}

function group(ome: Readonly<Record<string, unknown>> | undefined): Uint8Array {
  return encodeJson(groupDocument(ome && { ome }));
}

interface SmallPlate {
  readonly rows: number;
  readonly columns: number;
  readonly fields: number;
  readonly channels: number;
  /** The value of all pixels of a field, from 0 to 255. */
  readonly valueAt: (well: number, field: number, channel: number) => number;
}

/** A plate whose fields have 16 × 16 pixels of one value, each field of a well right of the one before. */
export function smallPlate({
  rows,
  columns,
  fields,
  channels,
  valueAt,
}: SmallPlate): Map<AbsolutePath, Uint8Array> {
  const rowNames = Array.from({ length: rows }, (_, at) =>
    at < 26 ? String.fromCharCode(65 + at) : `A${String.fromCharCode(39 + at)}`,
  );
  const wells = rowNames.flatMap((row, rowIndex) =>
    Array.from({ length: columns }, (_, columnIndex) => ({
      path: `${row}/${columnIndex + 1}`,
      ...{ rowIndex, columnIndex },
    })),
  );
  const plate = {
    name: "a plate",
    field_count: fields,
    rows: rowNames.map((name) => ({ name })),
    columns: Array.from({ length: columns }, (_, at) => ({ name: String(at + 1) })),
    wells,
  };
  const map = new Map<AbsolutePath, Uint8Array>([["/zarr.json", group({ version: "0.5", plate })]]);
  for (const row of rowNames) map.set(`/${row}/zarr.json`, group(undefined));
  for (const [index, { path }] of wells.entries()) {
    const images = Array.from({ length: fields }, (_, at) => ({ path: String(at) }));
    map.set(`/${path}/zarr.json`, group({ version: "0.5", well: { images } }));
    for (let field = 0; field < fields; field++) {
      const array = {
        shape: [channels, 16, 16],
        chunks: [1, 16, 16],
        dataType: "uint8",
        valueAt: (at: number) => valueAt(index, field, Math.floor(at / 256)),
      } as const;
      const image = smallImage({ "/": placedImage([0, 0, field * 8]) }, { "/0": array });
      for (const [key, value] of image) map.set(`/${path}/${field}${key}`, value);
    }
  }
  return map;
}

/** The `ome` of an image of half a micrometer a pixel that starts at a position. */
function placedImage(translation: readonly number[]) {
  const axes = [
    { name: "c", type: "channel" },
    { name: "y", type: "space", unit: "micrometer" },
    { name: "x", type: "space", unit: "micrometer" },
  ];
  const coordinateTransformations = [
    { type: "scale", scale: [1, 0.5, 0.5] },
    { type: "translation", translation },
  ];
  return { version: "0.5", multiscales: [{ axes, datasets: [{ path: "0", coordinateTransformations }] }] };
}
