import { type AbsolutePath, type OpenNode, openOmeZarr, type Store } from "@ozx/core";
import { type MemoryStore, memoryStore } from "@ozx/core/container";
import { validateOmeZarr } from "@ozx/core/validate";
import { imageMetadata, smallImage } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { checkOutput, planTransfer, runTransfer, selectView, verifyStores } from "../../src/index.js";
import { memoryTarget } from "../support/memory-target.js";
import { jsonOf } from "../support/store-content.js";

// macOS decomposes names (NFD) that programs write composed (NFC).
const COMPOSED = "zellk\u00f6rper";
const DECOMPOSED = "zellko\u0308rper";

/** An image with label images stored under some names, and listed under others. */
function image(stored: readonly string[], listed: readonly string[]): MemoryStore {
  const label = { ...imageMetadata("yx"), "image-label": {} };
  const paths = stored.map((name): AbsolutePath => `/labels/${name}`);
  const arrays = ["/0" as AbsolutePath, ...paths.map((path): AbsolutePath => `${path}/0`)].map(
    (path, number) => [path, { shape: [4, 4], valueAt: (at: number) => at + number, document: DIMENSIONS }],
  );
  const groups = {
    "/": imageMetadata("yx"),
    "/labels": { version: "0.5", labels: listed },
    ...Object.fromEntries(paths.map((path) => [path, label])),
  };
  return memoryStore(smallImage(groups, Object.fromEntries(arrays)), "image.zarr");
}

const DIMENSIONS = { dimension_names: ["y", "x"] };

async function convert(source: Store, isInvalid = false) {
  const target = memoryTarget();
  const plan = await planTransfer(source, { zarrFormat: 3 });
  await runTransfer(plan, target);
  const differences: string[] = [];
  for await (const { message } of verifyStores(source, target.store)) differences.push(message);
  expect(differences).toEqual([]);
  if (!isInvalid) expect(await checkOutput(plan)).toBeUndefined();
  return { plan, store: target.store };
}

/** The first pixel of each label image. */
async function firstValues({ labels }: OpenNode): Promise<unknown[]> {
  const read = await Promise.all(labels.map((label) => label.level(0).read()));
  return read.map(({ data }) => Array.from(data as ArrayLike<unknown>)[0]);
}

async function errorsOf(store: Store): Promise<string[]> {
  const { groups } = await validateOmeZarr(store, { formats: [] });
  return groups.flatMap(({ rule, severity }) => (severity === "error" ? [rule] : []));
}

describe.each([
  ["decomposed, and listed composed", DECOMPOSED, COMPOSED],
  ["composed, and listed decomposed", COMPOSED, DECOMPOSED],
])("a label image stored %s", (_, stored, listed) => {
  test("is read, and validate names the two forms", async () => {
    const node = await openOmeZarr(image([stored], [listed]), { formats: [] });
    expect(node.labels.map(({ path }) => path)).toEqual([`/labels/${stored}`]);
    expect(await firstValues(node)).toEqual([1]);
    expect(await errorsOf(image([stored], [listed]))).toEqual(["ome-path-normal-form"]);
  });

  test("is listed as it is stored when it is packed, with a remark", async () => {
    const { plan, store } = await convert(image([stored], [listed]));
    expect(plan.findings.map(({ message }) => message)).toEqual([
      "1 group (/labels) named others in another normal form of Unicode than they are stored in, and names them as they are stored.",
    ]);
    expect(await jsonOf(store, "/labels/zarr.json")).toMatchObject({
      attributes: { ome: { version: "0.5", labels: [stored] } },
    });
    expect(await errorsOf(store)).toEqual([]);
  });

  test("is taken alone by its name in either form", async () => {
    for (const name of [stored, listed]) {
      const view = await selectView(image([stored], [listed]), { path: `labels/${name}` });
      expect(await view.get("/0/c/0/0")).toBeDefined();
    }
  });
});

/** A hierarchy in which every kind of node has such a name: what is stored, and what metadata says. */
const SIBLINGS: readonly (readonly [string, (stored: string, listed: string) => MemoryStore])[] = [
  [
    "a level",
    (stored, listed) =>
      memoryStore(
        smallImage({ "/": imageMetadata("yx", [listed]) }, { [`/${stored}`]: ARRAY }),
        "image.zarr",
      ),
  ],
  [
    "the image of a well",
    (stored, listed) => {
      const plate = {
        ...{ name: "p", field_count: 1, rows: [{ name: "A" }], columns: [{ name: "1" }] },
        wells: [{ path: "A/1", rowIndex: 0, columnIndex: 0 }],
      };
      const groups = {
        ...{ "/": { version: "0.5", plate }, "/A": undefined },
        "/A/1": { version: "0.5", well: { images: [{ path: listed }] } },
        [`/A/1/${stored}`]: imageMetadata("yx"),
      };
      return memoryStore(smallImage(groups, { [`/A/1/${stored}/0`]: ARRAY }), "plate.zarr");
    },
  ],
  [
    "a well",
    (stored, listed) => {
      const plate = {
        ...{ name: "p", rows: [{ name: listed }], columns: [{ name: "1" }] },
        wells: [{ path: `${listed}/1`, rowIndex: 0, columnIndex: 0 }],
      };
      const groups = {
        ...{ "/": { version: "0.5", plate }, [`/${stored}`]: undefined },
        [`/${stored}/1`]: { version: "0.5", well: { images: [{ path: "0" }] } },
        [`/${stored}/1/0`]: imageMetadata("yx"),
      };
      return memoryStore(smallImage(groups, { [`/${stored}/1/0/0`]: ARRAY }), "plate.zarr");
    },
  ],
  [
    "an image of a collection",
    (stored, listed) => {
      const groups = {
        "/": { version: "0.5", "bioformats2raw.layout": 3 },
        "/OME": { version: "0.5", series: [listed] },
        [`/${stored}`]: imageMetadata("yx"),
      };
      return memoryStore(smallImage(groups, { [`/${stored}/0`]: ARRAY }), "collection.zarr");
    },
  ],
];

const ARRAY = { shape: [2, 2], valueAt: (at: number) => at + 1, document: DIMENSIONS };

describe.each(SIBLINGS)("%s that is stored in another normal form than it is listed in", (what, build) => {
  test.each([
    [DECOMPOSED, COMPOSED],
    [COMPOSED, DECOMPOSED],
  ])(
    "is read, is said by validate, and is listed as it is stored when it is packed",
    async (stored, listed) => {
      const source = build(stored, listed);
      const node = await openOmeZarr(source, { formats: [] });
      const { data } = (await node.images[0]?.level(0).read()) ?? {};
      expect(data && Array.from(data as ArrayLike<unknown>)).toEqual([1, 2, 3, 4]);
      expect(await errorsOf(source)).toContain("ome-path-normal-form");

      const { plan, store } = await convert(source, what.includes("well"));
      expect(plan.findings.map(({ message }) => message).join()).toContain("names them as they are stored");
      // Names of wells and fields that are other than letters and digits are not for us to change.
      expect(await errorsOf(store)).toEqual(await errorsOf(build(stored, stored)));
    },
  );

  test("is taken by its name in either form", async () => {
    const source = build(DECOMPOSED, COMPOSED);
    const path = PATHS.get(what);
    if (path === undefined) return;
    for (const name of [DECOMPOSED, COMPOSED]) {
      const view = await selectView(source, { path: path.replace("*", name) });
      expect(await view.get("/0/c/0/0")).toBeDefined();
    }
  });
});

/** The image in each of them that can be taken alone. */
const PATHS = new Map([
  ["the image of a well", "A/1/*"],
  ["a well", "*/1/0"],
  ["an image of a collection", "*"],
]);

test("label images whose names differ in their normal form only are two, and both are kept", async () => {
  const source = image([COMPOSED, DECOMPOSED], [COMPOSED, DECOMPOSED]);
  const { plan, store } = await convert(source);
  expect(plan.findings).toMatchObject([{ rule: "zarr-node-normal-form", where: `/labels/${COMPOSED}` }]);
  const node = await openOmeZarr(store, { formats: [] });
  expect(await firstValues(node)).toEqual([1, 2]);
});

test("a name that fits two label images is not guessed", async () => {
  // Of two marks below and above a letter, each order is a name of its own.
  const [one, other] = ["a\u0323\u0307", "\u1ea1\u0307"];
  const node = await openOmeZarr(image([one, other], ["\u0227\u0323"]), { formats: [] });
  expect(() => node.labels[0]?.model).toThrow(/has no Zarr group or array/);
});
