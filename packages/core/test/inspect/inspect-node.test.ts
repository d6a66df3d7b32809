import type { Store } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { imageMetadata, smallImage } from "@ozx/testing";
import { expect, test } from "vitest";
import { inspectNode } from "../../src/inspect/inspect-node.js";
import { openOmeZarr } from "../../src/open/open-ome-zarr.js";

test.each([
  [[2 ** 20, 2 ** 20], 2 ** 41],
  [[2 ** 30, 2 ** 30], "2305843009213693952"],
])("the size of an array of %j numbers, in digits beyond 2^53", async (shape, bytes) => {
  const image = smallImage({ "/": imageMetadata("yx") }, { "/0": { shape, chunks: [2 ** 10, 2 ** 10] } });
  const report = await inspectNode(await openOmeZarr(memoryStore(image), { formats: [] }));
  expect(report.images).toMatchObject([{ levels: [{ array: { uncompressedBytes: bytes } }] }]);
});

test("the stored size of an array is what its store tells, where chunks are decoded before they are chunks", async () => {
  const image = smallImage({ "/": imageMetadata("yx") }, { "/0": { shape: [4, 4], chunks: [4, 4] } });
  const plain = memoryStore(image);
  const sizeIn = async (store: Store) => {
    const { bytes, images } = await inspectNode(await openOmeZarr(store, { formats: [] }));
    const [image] = images;
    const array = image && "levels" in image ? image.levels[0]?.array : undefined;
    return { bytes: bytes ?? 0, stored: array?.storedBytes ?? 0 };
  };
  const listed = await sizeIn(plain);
  const told = await sizeIn({ ...plain, storedBytesOf: async (path) => (path === "/0" ? 7 : undefined) });
  expect(told).toEqual({ bytes: listed.bytes - listed.stored + 7, stored: 7 });
});
