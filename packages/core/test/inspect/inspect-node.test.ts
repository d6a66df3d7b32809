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
