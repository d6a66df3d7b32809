import { type AbsolutePath, readHierarchy, readOme, type Store } from "@ozx/core";
import { collectEntries, memoryStore } from "@ozx/core/container";
import { describeStore, encodeJson, groupDocument, imageMetadata, smallImage } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { mergeStores, type StoreToMerge } from "../../src/index.js";
import { joinStores } from "../../src/merge/joined-store.js";

const ARRAY = { shape: [1, 4, 4], valueAt: (index: number) => index };

function image(name: string, ome: object = {}, axes = "cyx"): Store {
  const metadata = { ...imageMetadata(axes), ...ome };
  return memoryStore(smallImage({ "/": metadata }, { "/0": ARRAY }), name);
}

function well(name: string, fields: readonly { path: string; acquisition?: number }[]): Store {
  const groups: Record<AbsolutePath, Record<string, unknown> | undefined> = {
    "/": { version: "0.5", well: { images: fields } },
    "/tables": undefined,
  };
  for (const { path } of fields) groups[`/${path}`] = imageMetadata("cyx");
  const arrays = Object.fromEntries(fields.map(({ path }) => [`/${path}/0`, ARRAY]));
  return memoryStore(smallImage(groups, arrays), name);
}

function plate(name: string, row: string, column: string): Store {
  const groups = {
    "/": {
      version: "0.5",
      plate: {
        rows: [{ name: row }],
        columns: [{ name: column }],
        wells: [{ path: `${row}/${column}`, rowIndex: 0, columnIndex: 0 }],
        acquisitions: [{ id: 3, name: "dawn" }],
      },
    },
    [`/${row}`]: undefined,
    [`/${row}/${column}`]: { version: "0.5", well: { images: [{ path: "0", acquisition: 3 }] } },
    [`/${row}/${column}/0`]: imageMetadata("cyx"),
  };
  return memoryStore(smallImage(groups, { [`/${row}/${column}/0/0`]: ARRAY }), name);
}

const at = (store: Store, row: string, column: string, more: object = {}): StoreToMerge => ({
  store,
  position: { row, column, ...more },
});

/** The plate of a store, with the fields of its wells. */
async function plateOf(store: Store) {
  const node = readOme(await readHierarchy(store));
  if (node.kind !== "plate") throw new TypeError(`a ${node.kind}`);
  const { rows, columns, name, acquisitions, fieldCount, wells } = node;
  return { rows, columns, name, acquisitions, fieldCount, fields: wells.flatMap((one) => one.fields ?? []) };
}

describeStore("a joined store", async (entries) => {
  const inside = new Map<AbsolutePath, Uint8Array>();
  const outside = new Map<AbsolutePath, Uint8Array>();
  const path: AbsolutePath = "/0";
  for (const [key, value] of entries) {
    if (key.startsWith(`${path}/`)) inside.set(key.slice(path.length) as AbsolutePath, value);
    else outside.set(key, value);
  }
  const store = memoryStore(inside);
  return joinStores("joined", {
    mounts: [{ path, store }],
    documents: memoryStore(outside),
    sources: [store],
    findings: [],
  });
});

test("fields, wells and plates become one plate, with rows and columns in order", async () => {
  const merged = await mergeStores(
    [
      at(image("z"), "AA", "10"),
      at(image("y"), "B", "2", { field: "1" }),
      at(well("w", [{ path: "0" }, { path: "7" }]), "B", "2", { acquisition: 3 }),
      at(image("x"), "B", "10", { field: "5", acquisition: 3 }),
      { store: plate("p", "A", "9") },
    ].map((one) => (one.position && { ...one, position: { acquisition: 3, ...one.position } }) ?? one),
    { name: "all" },
  );
  expect(await plateOf(merged)).toMatchObject({
    ...{ rows: ["A", "B", "AA"], columns: ["2", "9", "10"], name: "all", fieldCount: 3 },
    acquisitions: [{ id: 3, name: "dawn" }],
    fields: ["/A/9/0", "/B/2/0", "/B/2/1", "/B/2/7", "/B/10/5", "/AA/10/0"].map((path) => ({ path })),
  });
  const keys = (await collectEntries(merged.list())).map(({ key }) => key);
  // What else lies in a well comes along.
  expect(keys).toContain("/B/2/tables/zarr.json");
  expect(await merged.get("/B/10/5/0/c/0/0/0")).toEqual(await image("x").get("/0/c/0/0/0"));
});

test("an image without a field gets the next free number", async () => {
  const merged = await mergeStores([
    at(image("a"), "B", "3"),
    at(image("b"), "B", "3"),
    at(image("c"), "B", "3", { field: "0" }),
  ]);
  expect((await plateOf(merged)).fields.map(({ path }) => path)).toEqual(["/B/3/0", "/B/3/1", "/B/3/2"]);
});

test("Zarr v2 gives a plate of Zarr v2", async () => {
  const values = new Map<AbsolutePath, Uint8Array>([
    ["/.zgroup", encodeJson({ zarr_format: 2 })],
    ["/.zattrs", encodeJson({ multiscales: [{ ...imageMetadata("yx"), version: "0.4", datasets: [] }] })],
  ]);
  const attributes = imageMetadata("yx") as { multiscales: object[] };
  values.set(
    "/.zattrs",
    encodeJson({ multiscales: attributes.multiscales.map((one) => ({ ...one, version: "0.4" })) }),
  );
  const merged = await mergeStores([at(memoryStore(values), "B", "3")]);
  expect(await plateOf(merged)).toMatchObject({ rows: ["B"], fields: [{ path: "/B/3/0" }] });
  expect(await merged.get("/zarr.json")).toBeUndefined();
});

test("images without positions become a collection, in their order", async () => {
  const merged = await mergeStores([{ store: image("a") }, { store: image("b") }]);
  expect(readOme(await readHierarchy(merged))).toMatchObject({
    kind: "bioformats2raw",
    images: ["/0", "/1"],
    order: "series",
  });
});

test("axes that differ are reported, and written all the same", async () => {
  const merged = await mergeStores([at(image("a"), "B", "3"), at(image("b", {}, "zyx"), "B", "4")]);
  expect(merged.findings.map(({ message }) => message)).toEqual([
    "The axes of the images differ: a has cyx, b has zyx.",
  ]);
});

describe("is refused, naming the inputs", () => {
  const plain = memoryStore(new Map([["/zarr.json", encodeJson(groupDocument({}))]]), "plain");
  const versioned = (name: string, version: string): Store => image(name, { version });
  test.each<[string, StoreToMerge[], RegExp]>([
    ["nothing", [], /nothing to merge/],
    [
      "two fields in one place",
      ["a", "b"].map((n) => at(image(n), "B", "3", { field: "0" })),
      /^a and b .*B\/3\/0/,
    ],
    [
      "names that differ in case",
      [at(image("a"), "B", "3"), at(image("b"), "b", "3", { field: "0" })],
      /b\/3 and B\/3 are two spellings/,
    ],
    [
      "B/3 and B/03",
      [at(image("a"), "B", "3"), at(image("b"), "B", "03")],
      /B\/3 and B\/03 are two spellings/,
    ],
    ["no position among others", [at(image("a"), "B", "3"), { store: image("b") }], /where b belongs/],
    ["a well without a position", [{ store: well("w", [{ path: "0" }]) }], /^w is a well/],
    ["a well as a field", [at(well("w", [{ path: "0" }]), "B", "3", { field: "0" })], /leave the field out/],
    [
      "versions",
      [at(versioned("a", "0.5"), "B", "3"), at(versioned("b", "0.6"), "B", "4")],
      /^a is OME-Zarr 0.5 and b 0.6/,
    ],
    [
      "acquisitions of some fields",
      [1, 2, undefined].map((acquisition, k) => at(image("a"), "B", `${k}`, { acquisition })),
      /B\/2\/0 to none/,
    ],
    ["what is not OME-Zarr", [{ store: plain }], /plain/],
  ])("%s", async (_, stores, why) => {
    await expect(mergeStores(stores)).rejects.toThrow(why);
  });

  test("but for versions that become another one", async () => {
    const stores = [at(versioned("a", "0.5"), "B", "3"), at(versioned("b", "0.6"), "B", "4")];
    await expect(mergeStores(stores, { anyVersion: true })).resolves.toBeDefined();
  });
});
