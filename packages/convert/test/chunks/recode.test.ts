import { type AbsolutePath, openOmeZarr, readHierarchy, type Store } from "@ozx/core";
import { memoryStore, resolveRange } from "@ozx/core/container";
import { inlineWorkers } from "@ozx/core/internal";
import { readValues, type SampleOptions, sampleArrays, sampleStore, testSample } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import {
  type PlanOptions,
  parseCodecRequest,
  planTransfer,
  runTransfer,
  verifyStores,
} from "../../src/index.js";
import { memoryTarget } from "../support/memory-target.js";

const SIZE: SampleOptions = { size: { c: 2, z: 3, y: 150, x: 170 }, levels: 3, chunk: 32 };
const workers = inlineWorkers();

async function convert(source: Store, options: PlanOptions): Promise<Store> {
  const target = memoryTarget();
  await runTransfer(await planTransfer(source, {}, { workers, ...options }), target);
  return target.store;
}

const codec = parseCodecRequest;

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

async function level(store: Store, path: AbsolutePath) {
  const node = (await readHierarchy(store)).nodes.get(path);
  if (node?.kind !== "array") throw new Error(`${path} is no array`);
  return node.array;
}

describe("an image with another codec has the same values", () => {
  const sources: SampleOptions[] = [
    ...(["none", "gzip", "zstd", "blosc"] as const).map((from) => ({ version: "0.5" as const, codec: from })),
    { version: "0.4", byteOrder: ">", order: "F", codec: "blosc", separator: ".", dtype: "int16" },
    { version: "0.5", shards: true, codec: "zstd", dtype: "float32" },
  ];
  testSample(sources, 3)("$version $codec $order $byteOrder $shards", async (source) => {
    const options = { ...SIZE, ...source };
    for (const to of ["zstd:3", "blosc", "gzip:1", "none"]) {
      const store = await convert(await sampleStore(options), { codec: codec(to) });
      await expectSameValues(store, options);
    }
  });

  test("and is the same in two runs, also in new shards", async () => {
    const source = await sampleStore(SIZE);
    const once = await convert(source, { codec: codec("blosc:zstd:3"), shard: { y: 64, x: 64 } });
    const twice = await convert(source, { codec: codec("blosc:zstd:3"), shard: { y: 64, x: 64 } });
    await expectSameValues(once, SIZE);
    const keys = await keysBelow(once, "/");
    expect(await keysBelow(twice, "/")).toEqual(keys);
    for (const key of keys) {
      expect(await twice.get(key as AbsolutePath), key).toEqual(await once.get(key as AbsolutePath));
    }
    expect(await level(once, "/0")).toMatchObject({
      shardShape: [1, 1, 64, 64],
      codecs: [{ name: "bytes" }, { name: "blosc" }, { name: "crc32c" }],
    });
  });
});

describe("what an array keeps", () => {
  test("the order of its bytes and elements, its keys, and chunks that are missing", async () => {
    const options: SampleOptions = { ...SIZE, version: "0.4", byteOrder: ">", order: "F" };
    const source = await sampleStore(options);
    const store = await convert(source, { codec: codec("zstd:1") });
    const { codecs } = await level(store, "/0");
    expect(codecs).toEqual([
      { name: "transpose", configuration: { order: [3, 2, 1, 0] } },
      { name: "bytes", configuration: { endian: "big" } },
      { name: "zstd", configuration: { level: 1, checksum: true } },
    ]);
    const plain = await convert(source, { shard: undefined, codec: undefined });
    expect((await keysBelow(store, "/labels/cells/0")).length).toBe(
      (await keysBelow(plain, "/labels/cells/0")).filter((key) => !/\.zattrs$/.test(key)).length,
    );
  });

  test("everything, if it has the codec already; tables are not recoded", async () => {
    const source = await sampleStore({ ...SIZE, codec: "zstd" });
    const plan = await planTransfer(source, {}, { codec: codec("zstd:3"), workers });
    expect(plan.rewritten, "though its frames have no checksums").toEqual([]);
    expect(plan.generated).toBeUndefined();
    const other = await planTransfer(source, {}, { codec: codec("zstd:4"), workers });
    const paths = other.rewritten.map(({ path }) => path);
    expect(paths).toContain("/0");
    expect(paths.filter((path) => path.startsWith("/tables"))).toEqual([]);
    expect(other.rewritten[0]).toMatchObject({ kind: "encoded", codec: "zstd:4", isRequired: false });
  });

  test("its shards, whose chunks are re-encoded", async () => {
    const options: SampleOptions = { ...SIZE, shards: true };
    const source = await sampleStore(options);
    const store = await convert(source, { codec: codec("none") });
    expect(await keysBelow(store, "/0")).toEqual(await keysBelow(source, "/0"));
    const [before, after] = [await level(source, "/0"), await level(store, "/0")];
    expect(after).toMatchObject({ shardShape: before.shardShape, chunkShape: before.chunkShape });
    expect(after.codecs.map(({ name }) => name)).toEqual(["bytes", "crc32c"]);
  });
});

describe("a chunk that is encoded into a shard has a checksum", () => {
  const sharded = { y: 64, x: 64 };

  test.each([
    ["zstd", ["zstd"]],
    ["gzip", ["gzip"]],
    ["blosc", ["blosc", "crc32c"]],
    ["none", ["crc32c"]],
  ])("of %s, so that a part that is read shows its damage", async (name, expected) => {
    const store = await convert(await sampleStore(SIZE), { codec: codec(name), shard: sharded });
    await expectSameValues(store, SIZE);
    expect((await level(store, "/0")).codecs.slice(1).map((one) => one["name"])).toEqual(expected);
    const key: AbsolutePath = "/0/c/0/0/0/0";
    const shard = (await store.get(key)) as Uint8Array;
    // In the middle of the first chunk.
    shard[100] = (shard[100] ?? 0) ^ 1;
    const damaged: Store = {
      ...store,
      getRange: async (of, range) => {
        if (of !== key) return store.getRange(of, range);
        const { offset, length } = resolveRange(range, shard.length);
        return shard.slice(offset, offset + length);
      },
    };
    const image = await openOmeZarr(damaged, { formats: [] });
    await expect(image.images[0]?.level(0).read()).rejects.toMatchObject({ _tag: "CorruptData" });
  });

  test("but chunks that keep their bytes get none, and nothing is encoded for it alone", async () => {
    const source = await sampleStore({ ...SIZE, codec: "blosc" });
    const moved = await convert(source, { shard: sharded });
    expect((await level(moved, "/0")).codecs.map(({ name }) => name)).toEqual(["bytes", "blosc"]);
    const { codecs } = await level(source, "/0");
    const [, blosc = {}] = codecs;
    const { cname, clevel, shuffle } = blosc["configuration"] as Readonly<Record<string, unknown>>;
    const same = codec(`blosc:${cname}:${clevel}:${shuffle}`);
    for (const options of [{ codec: same }, { codec: same, shard: sharded }] as const) {
      const { rewritten } = await planTransfer(source, {}, options);
      expect(rewritten).toEqual([]);
    }
    const checked = await convert(source, { codec: codec("blosc:zstd:1"), shard: sharded });
    expect((await planTransfer(checked, {}, { codec: codec("blosc:zstd:1") })).rewritten).toEqual([]);
  });

  test("and new levels of a sharded image do too", async () => {
    const source = await sampleStore({ ...SIZE, size: { ...SIZE.size, y: 600 }, levels: 1, codec: "blosc" });
    const moved = await convert(source, { shard: sharded });
    const store = await convert(moved, { pyramid: true });
    expect((await level(store, "/0")).codecs.map(({ name }) => name)).toEqual(["bytes", "blosc"]);
    expect((await level(store, "/1")).codecs.map(({ name }) => name)).toEqual(["bytes", "blosc", "crc32c"]);
  });
});

describe("chunks in shards are put into other shards byte for byte", () => {
  const options: SampleOptions = { ...SIZE, shards: true };

  test.for([{ y: 32, x: 32 }, { z: 3, y: 64 }, { c: 2, z: 2, y: 1024, x: 96 }, "auto"] as const)(
    "%j",
    async (shard) => {
      const source = await sampleStore(options);
      const store = await convert(source, { shard });
      await expectSameValues(store, options);
      const differences = [];
      for await (const difference of verifyStores(source, store)) differences.push(difference);
      expect(differences).toEqual([]);
    },
  );

  test("and are the same as if they had been sharded only once", async () => {
    const [flat, sharded] = [await sampleStore(SIZE), await sampleStore(options)];
    const shard = { y: 96, x: 64 };
    const [one, other] = [await convert(flat, { shard }), await convert(sharded, { shard })];
    for (const key of await keysBelow(one, "/0")) {
      expect(await other.get(key as AbsolutePath), key).toEqual(await one.get(key as AbsolutePath));
    }
  });

  test("a plan says so, and copies shards that stay", async () => {
    const source = await sampleStore(options);
    const plan = await planTransfer(source, {}, { shard: { y: 32, x: 32 } });
    expect(plan.rewritten[0]).toMatchObject({ path: "/0", kind: "regrouped", codec: "" });
    const regrouped = await convert(source, { shard: { y: 64, x: 64 } });
    expect((await planTransfer(regrouped, {}, { shard: { y: 64, x: 64 } })).rewritten).toEqual([]);
  });
});

test.each([{ codec: codec("none") }, { shard: "auto" }] as PlanOptions[])(
  "copies of metadata in groups, which would no longer be true, are left out: %j",
  async (options) => {
    const source = await sampleStore(SIZE);
    for (const key of ["/zarr.json", "/labels/zarr.json"] as const) {
      const document = JSON.parse(new TextDecoder().decode(await source.get(key)));
      const consolidated = { ...document, consolidated_metadata: { kind: "inline", metadata: {} } };
      await source.set(key, new TextEncoder().encode(JSON.stringify(consolidated)));
    }
    const store = await convert(source, options);
    for (const path of ["/", "/labels"] as const) {
      const node = (await readHierarchy(store)).nodes.get(path);
      expect(node?.document).not.toHaveProperty("consolidated_metadata");
      expect(node?.attributes).toEqual((await readHierarchy(source)).nodes.get(path)?.attributes);
    }
  },
);

describe("damage", () => {
  async function damage(
    key: AbsolutePath,
    options: SampleOptions,
    change: (bytes: Uint8Array) => Uint8Array,
  ) {
    const source = await sampleStore(options);
    const values = new Map<AbsolutePath, Uint8Array>();
    for await (const entry of source.list()) {
      const value = (await source.get(entry.key)) as Uint8Array;
      values.set(entry.key, entry.key === key ? change(value.slice()) : value);
    }
    return memoryStore(values, "image.zarr");
  }

  test("is reported with its chunk", async () => {
    const source = await damage("/0/c/0/0/1/1", SIZE, (bytes) => bytes.subarray(0, bytes.length - 5));
    await expect(convert(source, { codec: codec("none") })).rejects.toMatchObject({
      _tag: "CorruptData",
      location: "image.zarr",
      path: "/0/c/0/0/1/1",
    });
  });

  test("is reported with the shard whose index is damaged", async () => {
    const source = await damage("/0/c/0/0/0/0", { ...SIZE, shards: true }, (bytes) => {
      bytes[bytes.length - 9] = 7;
      return bytes;
    });
    await expect(convert(source, { shard: { y: 32 } })).rejects.toMatchObject({
      _tag: "CorruptData",
      path: "/0/c/0/0/0/0",
    });
  });

  test("aborting ends the transfer", async () => {
    const controller = new AbortController();
    const plan = await planTransfer(await sampleStore(SIZE), {}, { codec: codec("none"), workers });
    controller.abort();
    await expect(runTransfer(plan, memoryTarget(), { signal: controller.signal })).rejects.toMatchObject({
      name: "AbortError",
    });
  });
});
