import type { JsonObject } from "../../../src/zarr/json.js";
import { arrayV2, arrayV3, type Documents, groupV3, scale, translation, YX } from "../hierarchy.js";

/** Hierarchies that break no rule, for tests to break one each. */

const RECOMMENDED: JsonObject = { name: "cells", type: "mean", metadata: { method: "mean" } };

function datasets05(...levels: number[]): JsonObject[] {
  return levels.map((level) => ({
    path: String(level),
    coordinateTransformations: [scale(0.5 * 2 ** level, 0.5 * 2 ** level), translation(level / 4, level / 4)],
  }));
}

function levels05(prefix: string, dataType = "uint16"): Documents {
  return {
    [`${prefix}0/zarr.json`]: arrayV3([100, 200], ["y", "x"], dataType),
    [`${prefix}1/zarr.json`]: arrayV3([50, 100], ["y", "x"], dataType),
  };
}

function ome05(attributes: JsonObject): JsonObject {
  return groupV3({ ome: { version: "0.5", ...attributes } });
}

function image05(prefix: string): Documents {
  const multiscales = [{ ...RECOMMENDED, axes: YX, datasets: datasets05(0, 1) }];
  return { [`${prefix}zarr.json`]: ome05({ multiscales }), ...levels05(prefix) };
}

function label05(prefix: string): Documents {
  const multiscales = [{ ...RECOMMENDED, axes: YX, datasets: datasets05(0, 1) }];
  const colors = [{ "label-value": 1, rgba: [255, 0, 0, 255] }];
  return {
    [`${prefix}zarr.json`]: ome05({ multiscales, "image-label": { colors } }),
    ...levels05(prefix, "uint32"),
  };
}

const OMERO: JsonObject = {
  channels: [
    { color: "00FF00", label: "GFP", active: true, window: { start: 0, end: 9, min: 0, max: 65535 } },
  ],
};

export function goodImage05(): Documents {
  const multiscales = [{ ...RECOMMENDED, axes: YX, datasets: datasets05(0, 1) }];
  return {
    ...image05(""),
    "zarr.json": ome05({ multiscales, omero: OMERO }),
    "labels/zarr.json": ome05({ labels: ["nuclei"] }),
    ...label05("labels/nuclei/"),
  };
}

export function goodImage04(): Documents {
  const multiscales = [{ ...RECOMMENDED, version: "0.4", axes: YX, datasets: datasets05(0, 1) }];
  const colors = [{ "label-value": 1 }];
  return {
    ".zgroup": { zarr_format: 2 },
    ".zattrs": { multiscales, omero: OMERO },
    "0/.zarray": arrayV2([100, 200]),
    "1/.zarray": arrayV2([50, 100]),
    "labels/.zgroup": { zarr_format: 2 },
    "labels/.zattrs": { labels: ["nuclei"] },
    "labels/nuclei/.zgroup": { zarr_format: 2 },
    "labels/nuclei/.zattrs": { multiscales, "image-label": { version: "0.4", colors } },
    "labels/nuclei/0/.zarray": arrayV2([100, 200], "<u4"),
    "labels/nuclei/1/.zarray": arrayV2([50, 100], "<u4"),
  };
}

export function goodImage06(): Documents {
  const ends = (path: string): JsonObject => ({ input: { path }, output: { name: "intrinsic" } });
  const multiscales = [
    {
      ...RECOMMENDED,
      coordinateSystems: [
        { name: "intrinsic", axes: YX },
        { name: "stage", axes: YX },
      ],
      datasets: [
        { path: "0", coordinateTransformations: [{ ...scale(1, 1), ...ends("0") }] },
        {
          path: "1",
          coordinateTransformations: [
            { type: "sequence", ...ends("1"), transformations: [scale(2, 2), translation(0.5, 0.5)] },
          ],
        },
      ],
      coordinateTransformations: [
        { ...translation(10, 10), input: { name: "intrinsic" }, output: { name: "stage" } },
      ],
    },
  ];
  return { ...levels05(""), "zarr.json": groupV3({ ome: { version: "0.6", multiscales } }) };
}

/** Six axes in an order of their own, two of them with an orientation. */
export function goodImage09(): Documents {
  const oriented = (name: string, value: string): JsonObject => ({
    ...{ name, type: "space", unit: "micrometer" },
    orientation: { type: "anatomical", value },
  });
  const axes = [
    oriented("y", "anterior-to-posterior"),
    oriented("x", "left-to-right"),
    ...["t", "u"].map((name) => ({ name, type: "time", unit: "second" })),
    { name: "phase", type: "phase" },
    { name: "c", type: "channel" },
  ];
  const ends = { input: { path: "0" }, output: { name: "body" } };
  const multiscales = [
    {
      ...RECOMMENDED,
      coordinateSystems: [{ name: "body", axes }],
      datasets: [{ path: "0", coordinateTransformations: [{ ...scale(1, 1, 1, 1, 1, 1), ...ends }] }],
    },
  ];
  const names = axes.map(({ name }) => String(name));
  return {
    "zarr.json": groupV3({ ome: { version: "0.9.dev1", multiscales } }),
    "0/zarr.json": arrayV3([10, 20, 1, 1, 1, 1], names),
  };
}

/** Two tiles in one world. */
export function goodScene06(): Documents {
  const tile = (path: string): Documents => {
    const ends = { input: { path: "0" }, output: { name: "physical" } };
    const multiscale = {
      ...RECOMMENDED,
      coordinateSystems: [{ name: "physical", axes: YX }],
      datasets: [{ path: "0", coordinateTransformations: [{ ...scale(1, 1), ...ends }] }],
    };
    return {
      [`${path}/zarr.json`]: groupV3({ ome: { version: "0.6", multiscales: [multiscale] } }),
      [`${path}/0/zarr.json`]: arrayV3([100, 200], ["y", "x"]),
    };
  };
  const toWorld = (path: string, x: number): JsonObject => ({
    ...translation(0, x),
    input: { path, name: "physical" },
    output: { name: "world" },
  });
  const scene = {
    coordinateSystems: [{ name: "world", axes: YX }],
    coordinateTransformations: [toWorld("left", 0), toWorld("right", 180)],
  };
  return { "zarr.json": groupV3({ ome: { version: "0.6", scene } }), ...tile("left"), ...tile("right") };
}

export function goodPlate05(): Documents {
  const well = (row: string, column: number, rowIndex: number, columnIndex: number): JsonObject => ({
    path: `${row}/${column}`,
    rowIndex,
    columnIndex,
  });
  const plate = {
    name: "screen",
    field_count: 1,
    rows: [{ name: "A" }, { name: "B" }],
    columns: [{ name: "1" }, { name: "2" }],
    acquisitions: [
      { id: 0, name: "day 1", maximumfieldcount: 1 },
      { id: 3, name: "day 2", maximumfieldcount: 1 },
    ],
    wells: [well("A", 1, 0, 0), well("B", 2, 1, 1)],
  };
  const images = [{ path: "0", acquisition: 3 }];
  return {
    "zarr.json": ome05({ plate }),
    "A/zarr.json": groupV3(),
    "B/zarr.json": groupV3(),
    "A/1/zarr.json": ome05({ well: { images } }),
    "B/2/zarr.json": ome05({ well: { images } }),
    ...image05("A/1/0/"),
    ...image05("B/2/0/"),
  };
}

export function goodCollection05(): Documents {
  return {
    "zarr.json": ome05({ "bioformats2raw.layout": 3 }),
    "OME/zarr.json": ome05({ series: ["0", "1"] }),
    ...image05("0/"),
    ...image05("1/"),
  };
}

export function goodCollection04(): Documents {
  const multiscales = [{ ...RECOMMENDED, version: "0.4", axes: YX, datasets: datasets05(0) }];
  return {
    ".zgroup": { zarr_format: 2 },
    ".zattrs": { "bioformats2raw.layout": 3 },
    "OME/.zgroup": { zarr_format: 2 },
    "OME/.zattrs": { series: ["0"] },
    "0/.zgroup": { zarr_format: 2 },
    "0/.zattrs": { multiscales },
    "0/0/.zarray": arrayV2([100, 200]),
  };
}

/**
 * The documents with one member set, by its place in the document (`attributes/ome/version`), or taken out where
 * the value is undefined; with no place, the document itself.
 */
export function change(documents: Documents, key: string, place = "", value?: unknown): Documents {
  const { [key]: before, ...others } = documents;
  if (place === "") return value === undefined ? others : { ...others, [key]: value as JsonObject };
  const document: unknown = structuredClone(before);
  const segments = place.split("/");
  const last = segments.pop() ?? "";
  const parent = segments.reduce((at, segment) => Reflect.get(at as object, segment) as unknown, document);
  if (value === undefined) Reflect.deleteProperty(parent as object, last);
  else Reflect.set(parent as object, last, value);
  return { ...others, [key]: document as JsonObject };
}
