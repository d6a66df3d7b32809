import type { AbsolutePath } from "@ozx/core";
import { encodeJson, groupDocument, sampleMap } from "@ozx/testing";

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
