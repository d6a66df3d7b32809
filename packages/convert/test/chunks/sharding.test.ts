import { type AbsolutePath, readHierarchy, type Store } from "@ozx/core";
import { type ShardRequest, stringifyJson } from "@ozx/core/internal";
import { readValues, type SampleOptions, sampleArrays, sampleStore } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { planTransfer, runTransfer } from "../../src/index.js";
import { memoryTarget } from "../support/memory-target.js";

const SIZE: SampleOptions = { size: { c: 2, z: 3, y: 150, x: 170 }, levels: 3, chunk: 32 };

async function shard(source: Store, request: ShardRequest): Promise<Store> {
  const target = memoryTarget();
  await runTransfer(await planTransfer(source, {}, { shard: request }), target);
  return target.store;
}

async function keysBelow(store: Store, prefix: AbsolutePath): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list({ prefix })) keys.push(key);
  return keys.sort();
}

async function expectSameValues(store: Store, options: SampleOptions): Promise<void> {
  for (const { path, content } of sampleArrays(options)) {
    const { values } = await readValues(store, path);
    expect(values, path).toEqual(Array.from<unknown>(content.values));
  }
}

describe("a sharded image has the same values", () => {
  const variants: SampleOptions[] = [
    ...(["none", "gzip", "zstd", "blosc"] as const).map((codec) => ({ version: "0.5" as const, codec })),
    ...(["C", "F"] as const).map((order) => ({ version: "0.4" as const, codec: "blosc" as const, order })),
    { version: "0.4", byteOrder: ">", codec: "zstd", separator: "." },
  ];
  test.each(variants)("$version $codec $order $byteOrder, whole arrays", async (variant) => {
    const options = { ...SIZE, ...variant };
    await expectSameValues(await shard(await sampleStore(options), "auto"), options);
  });
  test.each([
    { y: 64, x: 96 },
    { c: 2, z: 2, y: 32 },
    { z: 3, y: 1024, x: 1024 },
  ])("shards of %j", async (request) => {
    await expectSameValues(await shard(await sampleStore(SIZE), request), SIZE);
  });
});

test("each shard consists of the encoded chunks, one after the other, and the index", async () => {
  const source = await sampleStore(SIZE);
  const sharded = await shard(source, { y: 64, x: 64 });
  const first = await sharded.get("/0/c/0/0/0/0");
  let at = 0;
  for (const key of ["/0/c/0/0/0/0", "/0/c/0/0/0/1", "/0/c/0/0/1/0", "/0/c/0/0/1/1"] as const) {
    const chunk = await source.get(key);
    if (chunk === undefined) continue;
    expect(first?.subarray(at, at + chunk.length), key).toEqual(chunk);
    at += chunk.length;
  }
  expect(first?.length).toBe(at + 4 * 16 + 4);
});

test("images and labels are sharded, tables are not; an array that has these shards already is copied", async () => {
  const source = await sampleStore(SIZE);
  const sharded = await shard(source, "auto");
  expect(await keysBelow(sharded, "/0")).toEqual(["/0/c/0/0/0/0", "/0/zarr.json"]);
  expect(await keysBelow(sharded, "/labels/cells/0")).toEqual([
    "/labels/cells/0/c/0/0/0",
    "/labels/cells/0/zarr.json",
  ]);
  expect(await keysBelow(sharded, "/tables")).toEqual(await keysBelow(source, "/tables"));
  const { nodes } = await readHierarchy(sharded);
  const level = nodes.get("/0");
  expect(level?.kind === "array" && level.array).toMatchObject({
    chunkShape: [1, 1, 32, 32],
    shardShape: [2, 3, 160, 192],
    dimensionNames: ["c", "z", "y", "x"],
  });
  const again = await shard(sharded, "auto");
  expect(await again.get("/0/c/0/0/0/0")).toEqual(await sharded.get("/0/c/0/0/0/0"));
});

test("shards that are not whole chunks are refused with the size that fits", async () => {
  await expect(shard(await sampleStore(SIZE), { y: 48 })).rejects.toMatchObject({ _tag: "Usage" });
  await expect(shard(await sampleStore(SIZE), { y: 48 })).rejects.toThrow("multiple of 32");
});

test("shards that were transposed as a whole are refused: their chunks lie elsewhere", async () => {
  const source = await sampleStore({ ...SIZE, shards: true });
  const document = JSON.parse(new TextDecoder().decode(await source.get("/0/zarr.json")));
  const transpose = { name: "transpose", configuration: { order: [0, 1, 3, 2] } };
  await source.set("/0/zarr.json", stringifyJson({ ...document, codecs: [transpose, ...document.codecs] }));
  await expect(shard(source, { y: 32, x: 32 })).rejects.toThrow(
    "cannot be split into chunks: transpose comes before",
  );
});
