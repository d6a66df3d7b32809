import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { arrayDocument, groupDocument } from "@ozx/testing";

type Json = { readonly [name: string]: unknown };

/** Writes files below a folder: objects as JSON, bytes as they are. */
export function writeFiles(
  folder: string,
  files: Readonly<Record<string, Json | string | Uint8Array>>,
): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    const isRaw = typeof content === "string" || content instanceof Uint8Array;
    writeFileSync(path, isRaw ? content : JSON.stringify(content));
  }
}

export function group(ome?: Json): Json {
  return groupDocument(ome && { ome });
}

/** An array of uint16 that is not compressed, of one chunk. */
export function array(shape: readonly number[], members: Json = {}): Json {
  return arrayDocument({ shape, document: members });
}

/** The metadata of an image of two channels in time, with one level at `0`. */
export function image(name?: string, scale: readonly number[] = [30, 1, 0.65, 0.65]): Json {
  const space = { type: "space", unit: "micrometer" };
  return {
    version: "0.5",
    multiscales: [
      {
        ...(name && { name }),
        axes: [
          { name: "t", type: "time", unit: "second" },
          { name: "c", type: "channel" },
          { name: "y", ...space },
          { name: "x", ...space },
        ],
        datasets: [{ path: "0", coordinateTransformations: [{ type: "scale", scale }] }],
      },
    ],
    omero: {
      channels: [
        { label: "DAPI", color: "0000FF", window: { start: 0, end: 1000, min: 0, max: 65535 }, active: true },
        { label: "GFP", color: "00FF00", window: { start: 5, end: 900, min: 0, max: 65535 }, active: false },
      ],
    },
  };
}

/** A plate of two rows and three columns, without well B/2, with two fields of 10 × 2 × 32 × 48 in each well. */
export function writePlate(folder: string): void {
  const wells = ["A/1", "A/2", "A/3", "B/1", "B/3"];
  writeFiles(folder, {
    "zarr.json": group({
      version: "0.5",
      plate: {
        name: "toxicity 7",
        field_count: 2,
        rows: [{ name: "A" }, { name: "B" }],
        columns: [{ name: "1" }, { name: "2" }, { name: "3" }],
        acquisitions: [
          { id: 0, name: "before", maximumfieldcount: 1, starttime: 1_700_000_000 },
          { id: 1, name: "after", maximumfieldcount: 1, starttime: 1_700_003_600_000 },
        ],
        wells: wells.map((path) => ({
          path,
          rowIndex: path.startsWith("A") ? 0 : 1,
          columnIndex: Number(path.slice(2)) - 1,
        })),
      },
    }),
    "A/zarr.json": group(),
    "B/zarr.json": group(),
  });
  for (const well of wells) {
    const images = [0, 1].map((field) => ({ path: String(field), acquisition: field }));
    writeFiles(join(folder, well), { "zarr.json": group({ version: "0.5", well: { images } }) });
    for (const { path } of images) writeImage(join(folder, well, path), [10, 2, 32, 48]);
  }
}

/** A collection of two series that have little in common. */
export function writeCollection(folder: string): void {
  writeFiles(folder, {
    "zarr.json": group({ version: "0.5", "bioformats2raw.layout": 3 }),
    "OME/zarr.json": group({ version: "0.5", series: ["1", "0"] }),
    "OME/METADATA.ome.xml": '<OME><Image ID="Image:0"/><Image ID="Image:1"/></OME>',
  });
  writeImage(join(folder, "0"), [1, 2, 16, 16], "overview");
  writeImage(join(folder, "1"), [10, 2, 64, 64], "detail");
}

/** One image with its only chunk. */
export function writeImage(folder: string, shape: readonly number[], name?: string): void {
  writeFiles(folder, {
    "zarr.json": group(image(name)),
    "0/zarr.json": array(shape),
    [`0/c/${shape.map(() => 0).join("/")}`]: new Uint8Array(2 * shape.reduce((a, b) => a * b, 1)),
  });
}
