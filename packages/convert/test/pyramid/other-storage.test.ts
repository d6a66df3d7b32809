import { type JsonObject, openOmeZarr, type Store } from "@ozx/core";
import { type MemoryStore, memoryStore } from "@ozx/core/container";
import { narrowFloats } from "@ozx/core/internal";
import { validateOmeZarr } from "@ozx/core/validate";
import { encodeChain, imageMetadata, smallImage } from "@ozx/testing";
import { expect, test } from "vitest";
import { planTransfer, runTransfer, verifyStores } from "../../src/index.js";
import { memoryTarget } from "../support/memory-target.js";
import { jsonOf } from "../support/store-content.js";

const SIZE = 320;
const LITTLE: JsonObject = { name: "bytes", configuration: { endian: "little" } };
const GZIP: JsonObject = { name: "gzip", configuration: { level: 1 } };

function shards(shape: readonly number[], codecs: readonly JsonObject[]): JsonObject {
  const index_codecs = [LITTLE, { name: "crc32c" }];
  return { name: "sharding_indexed", configuration: { chunk_shape: shape, codecs, index_codecs } };
}

/** An image of float16 or uint16 in one object of 320 × 320, whose pixels are the sum of their indices. */
function image(dtype: "float16" | "uint16", codecs: readonly JsonObject[]): MemoryStore {
  const document = {
    ...{ data_type: dtype, codecs, fill_value: 0, dimension_names: ["y", "x"] },
    chunk_grid: { name: "regular", configuration: { chunk_shape: [SIZE, SIZE] } },
  };
  const files = smallImage({ "/": imageMetadata("yx") }, { "/0": { shape: [SIZE, SIZE], document } });
  const valueAt = (k: number): number => Math.floor(k / SIZE) + (k % SIZE);
  const floats = Float32Array.from({ length: SIZE ** 2 }, (_, k) => valueAt(k));
  const integers = Uint16Array.from(floats);
  const bytes =
    dtype === "float16" ? narrowFloats(new Uint8Array(floats.buffer)) : new Uint8Array(integers.buffer);
  files.set("/0/c/0/0", encodeChain(codecs, { bytes, shape: [SIZE, SIZE], itemSize: 2 }));
  return memoryStore(files, "image.zarr");
}

async function withPyramid(source: Store): Promise<MemoryStore> {
  const target = memoryTarget();
  await runTransfer(await planTransfer(source, {}, { pyramid: true }), target);
  return target.store;
}

test.for([
  ["float16", "chunks", [LITTLE, GZIP]],
  ["float16", "shards", [shards([80, 160], [LITTLE])]],
  ["float16", "shards in shards", [shards([160, 160], [shards([80, 80], [LITTLE, GZIP])])]],
  ["uint16", "shards in shards", [shards([160, 160], [shards([80, 80], [LITTLE])])]],
  ["uint16", "shards with a codec around them", [shards([160, 160], [LITTLE]), GZIP]],
] as const)("levels of %s in %s are computed", async ([dtype, , codecs]) => {
  const source = image(dtype, codecs);
  const written = await withPyramid(source);
  expect(await jsonOf(written, "/1/zarr.json")).toMatchObject({ shape: [160, 160], data_type: dtype });
  const { groups } = await validateOmeZarr(written, { formats: [], deep: true });
  expect(groups.filter(({ severity }) => severity === "error")).toEqual([]);
  const level = (await openOmeZarr(written, { formats: [] })).images[0]?.level(1);
  const { data } = (await level?.read({ y: 3 })) ?? {};
  // The mean of four neighbours is a whole number.
  expect([...(data as Iterable<number>)].slice(0, 4)).toEqual([7, 9, 11, 13]);
  const differences: string[] = [];
  for await (const { message } of verifyStores(source, written, { added: ["/1"] })) differences.push(message);
  expect(differences).toEqual([]);
});
