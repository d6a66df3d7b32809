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

async function convert(source: Store) {
  const target = memoryTarget();
  const plan = await planTransfer(source, { zarrFormat: 3 });
  await runTransfer(plan, target);
  const differences: string[] = [];
  for await (const { message } of verifyStores(source, target.store)) differences.push(message);
  expect(differences).toEqual([]);
  expect(await checkOutput(plan)).toBeUndefined();
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
    expect(await errorsOf(image([stored], [listed]))).toEqual(["ome-label-normal-form"]);
  });

  test("is listed as it is stored when it is packed, with a remark", async () => {
    const { plan, store } = await convert(image([stored], [listed]));
    expect(plan.findings.map(({ message }) => message)).toEqual([
      "1 group (/labels) listed label images in another normal form of Unicode than they are stored in, and lists them as they are stored.",
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
