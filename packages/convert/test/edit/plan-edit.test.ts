import { type AbsolutePath, type Image, readHierarchy, readOme } from "@ozx/core";
import { type MemoryStore, memoryStore } from "@ozx/core/container";
import { checkOme } from "@ozx/core/validate";
import { encodeJson } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { changedValues, type EditRequest, type MetadataEdit, planEdit } from "../../src/index.js";
import {
  IMAGE,
  imageWithLabels,
  levelsOf,
  plate,
  storeOf,
  VERSIONS,
  withDocuments,
} from "./editable-images.js";

async function edited(store: MemoryStore, request: EditRequest): Promise<MemoryStore> {
  return withDocuments(store, (await planEdit(store, request)).documents);
}

const edit = (store: MemoryStore, one: MetadataEdit): Promise<MemoryStore> => edited(store, { edits: [one] });

async function imageIn(store: MemoryStore, path: AbsolutePath = "/"): Promise<Image> {
  const node = readOme(await readHierarchy(store), path);
  if (node.kind !== "image" && node.kind !== "label-image") throw new Error(`${path} is no image`);
  return { ...node, kind: "image" };
}

/** The errors and warnings of the official schemas and the rules of the specification. */
async function findingsIn(store: MemoryStore): Promise<string[]> {
  const findings = await checkOme(await readHierarchy(store));
  return findings
    .filter(({ severity }) => severity !== "info")
    .map(({ rule, message }) => `${rule}: ${message}`);
}

async function errorsIn(store: MemoryStore): Promise<string[]> {
  const findings = await checkOme(await readHierarchy(store));
  return findings.filter(({ severity }) => severity === "error").map(({ message }) => message);
}

/** The document that has the attributes of a node, and its key. */
async function documentOf(store: MemoryStore, path: AbsolutePath): Promise<[AbsolutePath, unknown]> {
  const start = path === "/" ? "" : path;
  const keys = [`${start}/zarr.json`, `${start}/.zattrs`] as AbsolutePath[];
  for (const key of keys) {
    const bytes = await store.get(key);
    if (bytes !== undefined) return [key, JSON.parse(new TextDecoder().decode(bytes))];
  }
  throw new Error(`${path} has no document`);
}

/** An image whose axes have capitals. */
function capitals(image: typeof IMAGE): typeof IMAGE {
  return JSON.parse(
    JSON.stringify(image).replace(/"name":"([czyx])"/g, (_, name) => `"name":"${name.toUpperCase()}"`),
  );
}

const placements = ({ multiscales: [{ levels }] }: Image): [readonly number[], readonly number[]][] =>
  levels.map(({ scale, translation }) => [scale, translation]);

describe.each(VERSIONS)("OME-Zarr %s", (version) => {
  test("all levels and label images follow the scale of the largest level", async () => {
    const before = imageWithLabels(version);
    const after = await edit(before, {
      axes: new Map([
        ["z", { scale: 3 }],
        ["x", { scale: 0.65 }],
      ]),
    });
    expect(placements(await imageIn(after))).toEqual([
      [
        [1, 3, 0.5, 0.65],
        [0, 0, 10, 20],
      ],
      // The first pixel's centre is half a pixel of the largest level further on.
      [
        [1, 3, 1, 1.3],
        [0, 0, 10.25, 20.325],
      ],
      [
        [1, 3, 2, 2.6],
        [0, 0, 10.75, 20.975],
      ],
    ]);
    expect(placements(await imageIn(after, "/labels/cells")).map(([scale]) => scale)).toEqual([
      [3, 0.5, 0.65],
      [3, 1, 1.3],
      [3, 2, 2.6],
    ]);
    expect(await findingsIn(after)).toEqual(await findingsIn(before));
  });

  test("a translation moves all levels and label images by the same distance", async () => {
    const after = await edit(imageWithLabels(version), { axes: new Map([["y", { translation: 110 }]]) });
    expect(placements(await imageIn(after)).map(([, translation]) => translation[2])).toEqual([
      110, 110.25, 110.75,
    ]);
    expect(placements(await imageIn(after, "/labels/cells"))[1]?.[1]).toEqual([0, 110.25, 20.25]);
  });

  test("units of one axis, or of all axes of space, take the name of the specification", async () => {
    const all = await imageIn(await edit(imageWithLabels(version), { unit: "nm" }));
    expect(all.multiscales[0].axes.map(({ unit }) => unit)).toEqual([
      undefined,
      "nanometer",
      "nanometer",
      "nanometer",
    ]);
    const one = await edit(imageWithLabels(version), {
      axes: new Map([
        ["z", { unit: "microns" }],
        ["x", { unit: "mm" }],
      ]),
    });
    for (const [path, first] of [
      ["/", 1],
      ["/labels/cells", 0],
    ] as const) {
      const units = (await imageIn(one, path)).multiscales[0].axes.map(({ unit }) => unit);
      expect(units.slice(first)).toEqual(["micrometer", "micrometer", "millimeter"]);
    }
  });

  test("channels change by number and by name, and what is not named stays", async () => {
    const before = imageWithLabels(version);
    const after = await edit(before, {
      channels: [
        { channel: "Actin", name: "F-actin", active: false },
        { channel: 0, color: "00ffff", window: { start: 5, end: 70000 } },
      ],
    });
    expect((await imageIn(after)).channels).toEqual([
      { label: "DNA", color: "00FFFF", active: true, window: { start: 5, end: 70000, min: 0, max: 70000 } },
      {
        label: "F-actin",
        color: "00FF00",
        active: false,
        window: { start: 0, end: 1000, min: 0, max: 65535 },
      },
    ]);
    expect(await findingsIn(after)).toEqual(await findingsIn(before));
  });

  test("a channel whose name is a number is found by it, where there is no such position", async () => {
    const named = await edit(imageWithLabels(version), { channels: [{ channel: 1, name: "488" }] });
    const after = await edit(named, { channels: [{ channel: 488, name: "GFP" }] });
    expect((await imageIn(after)).channels.map(({ label }) => label)).toEqual(["DNA", "GFP"]);
  });

  test("names of images and of plates", async () => {
    expect((await imageIn(await edit(imageWithLabels(version), { name: "cells in a dish" }))).name).toBe(
      "cells in a dish",
    );
    const named = await edit(plate(version), { name: "second", acquisitions: [{ id: 0, name: "day 1" }] });
    expect(readOme(await readHierarchy(named))).toMatchObject({
      name: "second",
      acquisitions: [{ id: 0, name: "day 1" }],
    });
    expect(await findingsIn(named)).toEqual(await findingsIn(plate(version)));
  });

  test("axes of a plate are those of all its images, or of one", async () => {
    const scale = { axes: new Map([["z", { scale: 9 }]]) };
    const all = await edit(plate(version), scale);
    const one = await edit(plate(version), { ...scale, path: "/A/1/0" });
    const z = async (store: MemoryStore, path: AbsolutePath) =>
      (await imageIn(store, path)).multiscales[0].levels[0]?.scale[1];
    expect([await z(all, "/A/1/0"), await z(all, "/B/2/0")]).toEqual([9, 9]);
    expect([await z(one, "/A/1/0"), await z(one, "/B/2/0")]).toEqual([9, 2]);
  });

  test("a well takes its place in the plate, by its document and the paths of its entries", async () => {
    const before = plate(version);
    const { documents, moved } = await planEdit(before, {
      edits: [{ wells: [{ from: "A/1", to: "C/12" }] }],
    });
    expect(moved).toContainEqual(
      expect.objectContaining({ to: expect.stringMatching(/^\/C\/12\/0\/0\/(zarr.json|.zarray)$/) }),
    );
    const after = await withDocuments(before, documents);
    const node = readOme(await readHierarchy(after));
    expect(node).toMatchObject({ rows: ["A", "B", "C"], columns: ["1", "2", "12"] });
    expect(node.kind === "plate" && node.wells.map(({ path, row, column }) => [path, row, column])).toEqual([
      ["/B/2", 1, 1],
      ["/C/12", 2, 2],
    ]);
    expect([...documents.keys()].some((key) => key.startsWith("/C/"))).toBe(true);
  });

  test("a row that a well leaves empty is removed, since iohub finds no well then", async () => {
    const before = plate(version);
    const { documents } = await planEdit(before, { edits: [{ wells: [{ from: "A/1", to: "B/1" }] }] });
    const [key] = ["/A/zarr.json", "/A/.zgroup"].filter((one) => documents.has(one as AbsolutePath));
    expect(documents.get(key as AbsolutePath)).toEqual({
      before: await before.get(key as AbsolutePath),
      after: undefined,
    });
    const moved = [...documents.keys()].some((one) => one.startsWith("/B/"));
    expect(moved).toBe(false);
  });

  test("axes in capitals, as of iohub, are meant by small letters too", async () => {
    const before = storeOf(version, { "/": capitals(IMAGE) }, levelsOf("", "czyx", [2, 3, 8, 8]));
    const after = await edit(before, { axes: new Map([["z", { scale: 7 }]]) });
    expect((await imageIn(after)).multiscales[0].levels[0]?.scale[1]).toBe(7);
    await expect(edit(before, { axes: new Map([["t", { scale: 7 }]]) })).rejects.toThrow(
      "has no axis t: its axes are C, Z, Y, X",
    );
  });

  test("an acquisition that only wells have is added to those that the plate lists", async () => {
    const before = plate(version);
    const [key, well] = await documentOf(before, "/B/2");
    const text = JSON.stringify(well).replace('"acquisition":0', '"acquisition":3');
    const store = await withDocuments(before, new Map([[key, { after: new TextEncoder().encode(text) }]]));
    const after = await edit(store, {
      acquisitions: [
        { id: 3, name: "day 2", description: "stained" },
        { id: 0, name: "day 1" },
      ],
    });
    const node = readOme(await readHierarchy(after), "/");
    expect(node.kind === "plate" && node.acquisitions).toMatchObject([
      { id: 0, name: "day 1" },
      { id: 3, name: "day 2", description: "stained" },
    ]);
    expect(await errorsIn(after)).toEqual([]);
    await expect(edit(store, { acquisitions: [{ id: 4, name: "x" }] })).rejects.toThrow(
      "image has no acquisition 4: it lists 0, and its wells also have 3",
    );
  });

  test("what would not change anything is nothing", async () => {
    const store = imageWithLabels(version);
    const axes = new Map([["y", { scale: 0.5, unit: "micrometer" }]]);
    const { documents } = await planEdit(store, {
      edits: [{ axes, name: "tissue", channels: [{ channel: 0, name: "DNA" }] }],
    });
    expect(documents.size).toBe(0);
  });
});

test("an image without omero gets all its channels, with colours and windows", async () => {
  const { omero: _, ...bare } = IMAGE;
  const store = storeOf(
    "0.5",
    { "/": bare },
    { "/0": ["czyx", [2, 3, 8, 8]], "/1": ["czyx", [2, 3, 4, 4]], "/2": ["czyx", [2, 3, 2, 2]] },
  );
  const after = await edit(store, { channels: [{ channel: 1, name: "Actin" }] });
  const window = { start: 0, end: 65535, min: 0, max: 65535 };
  expect((await imageIn(after)).channels).toEqual([
    { label: undefined, color: "FF00FF", active: true, window },
    { label: "Actin", color: "00FF00", active: true, window },
  ]);
  expect((await findingsIn(after)).filter((finding) => !finding.includes("-recommended"))).toEqual([]);
});

/** An image of 0.5 with other members in its only multiscale. */
function imageLike(members: object, version: "0.5" | "0.6" = "0.5"): MemoryStore {
  const [multiscale] = IMAGE["multiscales"] as readonly object[];
  const levels = {
    "/0": ["czyx", [2, 3, 8, 8]],
    "/1": ["czyx", [2, 3, 4, 4]],
    "/2": ["czyx", [2, 3, 2, 2]],
  } as const;
  return storeOf(version, { "/": { ...IMAGE, multiscales: [{ ...multiscale, ...members }] } }, levels);
}

test("transformations of the whole multiscale become part of those of its levels", async () => {
  const store = imageLike({ coordinateTransformations: [{ type: "scale", scale: [1, 10, 1, 1] }] });
  const after = await edit(store, { axes: new Map([["x", { scale: 0.25 }]]) });
  expect(placements(await imageIn(after)).map(([scale]) => scale)).toEqual([
    [1, 20, 0.5, 0.25],
    [1, 20, 1, 0.5],
    [1, 20, 2, 1],
  ]);
});

test("levels without a scale get theirs by their shapes", async () => {
  const datasets = ["0", "1", "2"].map((path) => ({ path }));
  const after = await edit(imageLike({ datasets }), {
    axes: new Map([
      ["y", { scale: 0.5 }],
      ["x", { scale: 0.25 }],
    ]),
  });
  expect(placements(await imageIn(after)).map(([scale]) => scale)).toEqual([
    [1, 1, 0.5, 0.25],
    [1, 1, 1, 0.5],
    [1, 1, 2, 1],
  ]);
  expect((await findingsIn(after)).filter((finding) => !finding.includes("-recommended"))).toEqual([]);
});

test("other coordinate systems of 0.6 stay as they are", async () => {
  const store = imageLike({}, "0.6");
  const key: AbsolutePath = "/zarr.json";
  const document = JSON.parse(new TextDecoder().decode(await store.get(key)));
  const [multiscale] = document.attributes.ome.multiscales;
  const other = { name: "stage", axes: multiscale.coordinateSystems[0].axes };
  const toStage = { type: "scale", scale: [1, 7, 7, 7], input: { path: "0" }, output: { name: "stage" } };
  multiscale.coordinateSystems.push(other);
  multiscale.datasets[0].coordinateTransformations.push(toStage);
  const before = await withDocuments(store, new Map([[key, { after: encodeJson(document) }]]));
  const after = await planEdit(before, { edits: [{ axes: new Map([["z", { scale: 5, unit: "mm" }]]) }] });
  const [written] = JSON.parse(new TextDecoder().decode(after.documents.get(key)?.after)).attributes.ome
    .multiscales;
  expect(written.coordinateSystems[1]).toEqual(other);
  expect(written.coordinateSystems[0].axes[1].unit).toBe("millimeter");
  const [first, second] = written.datasets[0].coordinateTransformations;
  expect(second).toEqual(toStage);
  expect(first).toMatchObject({ type: "sequence", input: { path: "0" }, output: { name: "intrinsic" } });
  expect(first.transformations[0]).toEqual({ type: "scale", scale: [1, 5, 0.5, 0.5] });
});

test("copies of metadata are brought up to date", async () => {
  const store = imageWithLabels("0.4");
  const old = JSON.parse(new TextDecoder().decode(await store.get("/labels/cells/.zattrs")));
  const copies = {
    zarr_consolidated_format: 1,
    metadata: { ".zattrs": {}, "labels/cells/.zattrs": old, "0/.zarray": {} },
  };
  const before = await withDocuments(
    store,
    new Map([["/.zmetadata" as AbsolutePath, { after: encodeJson(copies) }]]),
  );
  const after = await edit(before, { path: "/labels/cells", name: "nuclei" });
  const { metadata } = JSON.parse(new TextDecoder().decode(await after.get("/.zmetadata")));
  expect(metadata["labels/cells/.zattrs"]).toEqual({
    ...old,
    multiscales: [{ ...old.multiscales[0], name: "nuclei" }],
  });
  expect([metadata[".zattrs"], metadata["0/.zarray"]]).toEqual([{}, {}]);
});

test("copies in a zarr.json are too", async () => {
  const store = imageWithLabels("0.5");
  const parse = async (from: MemoryStore, key: AbsolutePath) =>
    JSON.parse(new TextDecoder().decode(await from.get(key)));
  const cells = {
    ...(await parse(store, "/labels/cells/zarr.json")),
    consolidated_metadata: { kind: "inline", metadata: {} },
  };
  const root = {
    ...(await parse(store, "/zarr.json")),
    consolidated_metadata: { kind: "inline", must_understand: false, metadata: { "labels/cells": cells } },
  };
  const before = await withDocuments(
    store,
    new Map([["/zarr.json" as AbsolutePath, { after: encodeJson(root) }]]),
  );
  const after = await edit(before, { name: "tissue 2", axes: new Map([["x", { scale: 2 }]]) });
  const { consolidated_metadata: copies } = await parse(after, "/zarr.json");
  const { attributes } = await parse(after, "/labels/cells/zarr.json");
  expect(copies.metadata["labels/cells"]).toEqual({ ...cells, attributes });
});

test("of a plate, only the image that is edited is read, and what is above it", async () => {
  const read = new Set<string>();
  const store = plate("0.5");
  const { readSync: _, ...others } = store;
  const counted: MemoryStore = {
    ...others,
    get: (key, options) => {
      read.add(key);
      return store.get(key, options);
    },
  };
  const axes = new Map([["x", { scale: 2 }]]);
  const { documents } = await planEdit(counted, { edits: [{ path: "/A/1/0", axes }] });
  expect([...documents.keys()]).toEqual(["/A/1/0/zarr.json"]);
  expect([...read].filter((key) => key.startsWith("/B"))).toEqual([]);
  expect(read).toContain("/A/1/zarr.json");
});

test("acquisitions that some wells would not have any more are refused with the rule", async () => {
  const before = plate("0.5");
  const [key, document] = await documentOf(before, "/");
  const text = JSON.stringify(document).replace(/,"acquisitions":\[.*?\]/, "");
  const [well, images] = await documentOf(before, "/B/2");
  const store = await withDocuments(
    before,
    new Map([
      [key, { after: new TextEncoder().encode(text) }],
      [
        well,
        {
          after: encodeJson(JSON.parse(JSON.stringify(images).replace('"acquisition":0', '"acquisition":3'))),
        },
      ],
    ]),
  );
  const names = (...ids: number[]) => ({ acquisitions: ids.map((id) => ({ id, name: `day ${id}` })) });
  await expect(edit(store, names(0))).rejects.toThrow(
    /would violate ome-well-acquisition: .* has the acquisition 3/,
  );
  expect(await errorsIn(await edit(store, names(0, 3)))).toEqual([]);
});

test.each([
  [
    { schemaVersion: 1, files: [{ path: "image.ozx" }] },
    /but what ozx info --json does: "ozx info --edit image/,
  ],
  [{ schemaVersion: 2, nodes: [] }, /not what ozx info --edit prints/],
  [{ zarr_format: 3, node_type: "group" }, /not what ozx info --edit prints/],
  [[], /not what ozx info --edit prints/],
])("another JSON is refused with what prints the right one: %j", async (from, message) => {
  await expect(planEdit(imageWithLabels("0.5"), { from })).rejects.toThrow(message);
});

describe("refused, by name", () => {
  const refusals: [string, MetadataEdit, RegExp][] = [
    [
      "an axis that is not there",
      { axes: new Map([["t", { scale: 2 }]]) },
      /no axis t: its axes are c, z, y, x/,
    ],
    ["a scale of 0", { axes: new Map([["x", { scale: 0 }]]) }, /scale of x must be a number above 0/],
    ["an unknown unit", { unit: "parrot" }, /parrot is not a unit/],
    [
      "a channel that is not there",
      { channels: [{ channel: 2, name: "x" }] },
      /no channel 2: it has the channels 0 to 1, called DNA, Actin/,
    ],
    [
      "a channel by a wrong name",
      { channels: [{ channel: "GFP", name: "x" }] },
      /no channel GFP.*by its number, as in 0:name=/,
    ],
    ["a color", { channels: [{ channel: 0, color: "blue" }] }, /six hexadecimal digits/],
    ["a window", { channels: [{ channel: 0, window: { start: 2, end: 1 } }] }, /window 2\.\.1/],
    [
      "acquisitions of an image",
      { acquisitions: [{ id: 0, name: "x" }] },
      /not a plate, so it has no acquisitions/,
    ],
    [
      "a node that is not there",
      { path: "/labels/none", name: "x" },
      /no image or group labels\/none; labels in image has labels\/cells/,
    ],
  ];
  test.each(refusals)("%s", async (_, one, message) => {
    await expect(edit(imageWithLabels("0.5"), one)).rejects.toThrow(message);
  });

  test.each([
    [{ acquisitions: [{ id: 4, name: "x" }] }, /no acquisition 4: it lists 0, and its wells have no others/],
    [{ wells: [{ from: "C/1", to: "C/2" }] }, /lists no well C\/1: it has A\/1, B\/2/],
    [{ wells: [{ from: "A/1", to: "B/2" }] }, /B\/2 in image is taken/],
    [{ axes: new Map([["t", { scale: 2 }]]) }, /no axis t/],
  ] as [MetadataEdit, RegExp][])("of a plate %#", async (one, message) => {
    await expect(edit(plate("0.5"), one)).rejects.toThrow(message);
  });

  test("a level that is placed by an affine transformation", async () => {
    const transform = { type: "affine", affine: [], input: { path: "0" }, output: { name: "intrinsic" } };
    const store = imageLike({}, "0.6");
    const document = JSON.parse(new TextDecoder().decode(await store.get("/zarr.json")));
    document.attributes.ome.multiscales[0].datasets[0].coordinateTransformations = [transform];
    const before = await withDocuments(
      store,
      new Map([["/zarr.json" as AbsolutePath, { after: encodeJson(document) }]]),
    );
    await expect(edit(before, { axes: new Map([["x", { scale: 2 }]]) })).rejects.toMatchObject({
      _tag: "Unsupported",
      message: expect.stringContaining("affine"),
    });
  });

  test("OME-Zarr before 0.4, which has no scales", async () => {
    const multiscales = [{ version: "0.3", axes: ["y", "x"], datasets: [{ path: "0" }] }];
    const stored = { dtype: "<u2", fill_value: 0, order: "C", filters: null, compressor: null };
    const documents = {
      "/.zgroup": { zarr_format: 2 },
      "/.zattrs": { multiscales },
      "/0/.zarray": { zarr_format: 2, shape: [8, 8], chunks: [8, 8], ...stored, dimension_separator: "/" },
    };
    const old = memoryStore(
      new Map(Object.entries(documents).map(([key, value]) => [key as AbsolutePath, encodeJson(value)])),
    );
    await expect(edit(old, { name: "x" })).rejects.toMatchObject({
      _tag: "Unsupported",
      message: expect.stringContaining("OME-Zarr 0.3"),
    });
  });

  test("a result that violates a rule", async () => {
    const store = imageWithLabels("0.5");
    const scale = new Map([["x", { scale: 1e308 }]]);
    await expect(edit(store, { axes: scale })).rejects.toThrow(
      /nothing is changed in image, because the result would violate ome-unreadable-part: /,
    );
  });

  test("nor for what was wrong before in a well that is moved", async () => {
    const before = plate("0.5");
    const [key, image] = await documentOf(before, "/A/1/0");
    const text = JSON.stringify(image).replace('"path":"1"', '"path":"none"');
    const store = await withDocuments(before, new Map([[key, { after: new TextEncoder().encode(text) }]]));
    expect(await errorsIn(store)).not.toEqual([]);
    const { moves } = await planEdit(store, { edits: [{ wells: [{ from: "A/1", to: "C/2" }] }] });
    expect(moves).toEqual([{ from: "/A/1", to: "/C/2" }]);
  });

  test("a member called attributes does not hide a plate of 0.4 whose well is moved", async () => {
    const before = plate("0.4");
    const [key, document] = await documentOf(before, "/");
    const text = JSON.stringify({ ...(document as object), attributes: { mine: 1 } });
    const store = await withDocuments(before, new Map([[key, { after: new TextEncoder().encode(text) }]]));
    const after = await edit(store, { wells: [{ from: "A/1", to: "B/1" }] });
    expect(readOme(await readHierarchy(after), "/")).toMatchObject({
      kind: "plate",
      wells: [{ path: "/B/1" }, { path: "/B/2" }],
    });
  });

  test("and of a document with a bare NaN only what changes is listed", async () => {
    const before = imageWithLabels("0.4");
    const [key, document] = await documentOf(before, "/");
    const text = JSON.stringify({ ...(document as object), mine: "NONE" }).replace('"NONE"', "NaN");
    const store = await withDocuments(before, new Map([[key, { after: new TextEncoder().encode(text) }]]));
    const plan = await planEdit(store, { edits: [{ name: "other" }] });
    expect(changedValues(plan)).toEqual([
      { key, at: "multiscales[0].name", before: "tissue", after: "other" },
    ]);
  });

  test("but not for what was wrong before", async () => {
    const [multiscale] = IMAGE["multiscales"] as readonly [{ readonly datasets: readonly object[] }];
    // Lists the smallest level first.
    const wrong = imageLike({ datasets: multiscale.datasets.toReversed() });
    const after = await edit(wrong, { name: "still wrong" });
    expect((await imageIn(after)).name).toBe("still wrong");
  });
});
