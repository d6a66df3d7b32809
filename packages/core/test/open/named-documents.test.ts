import type { AbsolutePath, Store } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { encodeJson, imageMetadata, outsideSample, skipFor } from "@ozx/testing";
import { expect, test } from "vitest";
import { namedDocuments } from "../../src/open/named-documents.js";

/** A store whose documents `answer` returns, and that counts them. */
function answering(answer: (key: AbsolutePath) => object | undefined): { store: Store; asked: () => number } {
  let asked = 0;
  const get = async (key: AbsolutePath): Promise<Uint8Array | undefined> => {
    if (!/\/(zarr\.json|\.zattrs|\.zgroup|\.zarray)$/.test(key)) return undefined;
    if (asked++ > 20_000) throw new Error("asked without end");
    const document = answer(key);
    return document && encodeJson(document);
  };
  return { store: { ...memoryStore(), get }, asked: () => asked };
}

const group = (attributes: object): object => ({ zarr_format: 3, node_type: "group", attributes });
const COLLECTION = { version: "0.5", "bioformats2raw.layout": 3 };
const LABELS = { version: "0.5", labels: ["a", "b"] };

test.each([
  ["a collection", { ome: COLLECTION }],
  ["an image", { ome: imageMetadata("yx", ["0", "1"]) }],
  ["labels", { ome: LABELS }],
])("a server that sends %s for every address does not get endless requests", async (_, attributes) => {
  const { store, asked } = answering(() => group(attributes));
  const documents = await namedDocuments(store, 3);
  expect(documents.has("/zarr.json")).toBe(true);
  expect(asked()).toBeLessThan(10);
  // In Zarr v2, attributes are a separate document.
  const v2 = answering(() => ({ zarr_format: 2, ...(attributes.ome as object) }));
  await namedDocuments(v2.store, 2);
  expect(v2.asked()).toBeLessThan(20);
});

test("a label image with the same attributes as its image is read with its levels", async () => {
  const image = group({ ome: imageMetadata("yx", ["0"]) });
  const level = { zarr_format: 3, node_type: "array" };
  const there = new Map<string, object>([
    ["/zarr.json", image],
    ["/0/zarr.json", level],
    ["/labels/zarr.json", group({ ome: { version: "0.5", labels: ["a", "b"] } })],
    ["/labels/a/zarr.json", image],
    ["/labels/a/0/zarr.json", level],
    ["/labels/b/zarr.json", image],
    ["/labels/b/0/zarr.json", level],
  ]);
  const { store } = answering((key) => there.get(key));
  expect([...(await namedDocuments(store, 3)).keys()].sort()).toEqual([...there.keys()].sort());
});

test("a collection has series at its root only, each an image", async () => {
  const { store } = answering((key) => {
    if (key === "/zarr.json") return group({ ome: COLLECTION });
    const series = /^\/([0-2])\/zarr\.json$/.exec(key)?.[1];
    if (series !== undefined) return group({ ome: { ...COLLECTION, ...imageMetadata("yx", []), series } });
    return undefined;
  });
  expect([...(await namedDocuments(store, 3)).keys()]).toEqual([
    "/zarr.json",
    "/0/zarr.json",
    "/1/zarr.json",
    "/2/zarr.json",
  ]);
});

test("more than a million nodes are refused", skipFor(outsideSample()), async () => {
  const wells = Array.from({ length: 1_000_001 }, (_, at) => ({ path: `A/${at}` }));
  const { store, asked } = answering((key) =>
    key === "/zarr.json" ? group({ ome: { version: "0.5", plate: { wells } } }) : undefined,
  );
  await expect(namedDocuments(store, 3)).rejects.toMatchObject({
    _tag: "Unsupported",
    message: expect.stringContaining("names more than 1000000 nodes"),
  });
  expect(asked()).toBeLessThan(10);
});
