import type { AbsolutePath, JsonObject, Store } from "@ozx/core";
import { type MemoryStore, memoryStore } from "@ozx/core/container";
import { stringifyJson } from "@ozx/core/internal";
import {
  readValues,
  type SampleOptions,
  sampleArrays,
  sampleMap,
  sampleStore,
  testSample,
} from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { encodeShardIndex } from "../../../core/src/zarr/shard/shard-index.js";
import {
  needsOfVersion,
  type PlanOptions,
  parseCodecRequest,
  planTransfer,
  planVersion,
  runTransfer,
  selectView,
  type TransferPlan,
  verifyStores,
} from "../../src/index.js";
import { memoryTarget } from "../support/memory-target.js";
import { contentOf, jsonOf } from "../support/store-content.js";

const SIZE: SampleOptions = { size: { c: 2, z: 3, y: 100, x: 110 }, levels: 2, chunk: 32 };

async function run(plan: TransferPlan): Promise<MemoryStore> {
  const target = memoryTarget();
  await runTransfer(plan, target);
  return target.store;
}

async function convert(source: Store, options: PlanOptions): Promise<MemoryStore> {
  return run(await planTransfer(source, {}, options));
}

async function as04(source: Store, options?: PlanOptions): Promise<MemoryStore> {
  return run(await planVersion(await planTransfer(source, needsOfVersion("0.4", {}), options), "0.4"));
}

async function expectValues(store: Store, options: SampleOptions): Promise<void> {
  for (const { path, content } of sampleArrays(options)) {
    expect((await readValues(store, path)).values, path).toEqual(Array.from<unknown>(content.values));
  }
}

/** The sharded array /0 with its index at the start. */
async function withIndexAtStart(store: MemoryStore): Promise<void> {
  const document = await jsonOf(store, "/0/zarr.json");
  const [sharding] = document["codecs"] as [JsonObject & { configuration: JsonObject }];
  const grid = (document["chunk_grid"] as { configuration: { chunk_shape: number[] } }).configuration
    .chunk_shape;
  const inner = sharding.configuration["chunk_shape"] as number[];
  const count = grid.reduce((product, extent, axis) => (product * extent) / (inner[axis] as number), 1);
  const indexSize = count * 16 + 4;
  for await (const { key } of store.list({ prefix: "/0" })) {
    if (key.endsWith("zarr.json")) continue;
    const bytes = (await store.get(key)) as Uint8Array;
    const [chunks, index] = [bytes.subarray(0, -indexSize), bytes.subarray(-indexSize)];
    const view = new DataView(index.slice().buffer);
    const slots = Array.from({ length: count }, (_, k) => {
      const offset = view.getBigUint64(k * 16, true);
      if (offset === 2n ** 64n - 1n) return undefined;
      return { offset: Number(offset) + indexSize, length: Number(view.getBigUint64(k * 16 + 8, true)) };
    });
    const moved = new Uint8Array(bytes.length);
    moved.set(encodeShardIndex(slots));
    moved.set(chunks, indexSize);
    await store.set(key, moved);
  }
  const configuration = { ...sharding.configuration, index_location: "start" };
  await store.set("/0/zarr.json", stringifyJson({ ...document, codecs: [{ ...sharding, configuration }] }));
}

describe("chunks that went into shards come out as they were", () => {
  testSample<SampleOptions>([{}, { codec: "blosc" }, { codec: "none", byteOrder: ">" }], 1)(
    "%j",
    async (variant) => {
      const source = await sampleStore({ ...SIZE, ...variant });
      const sharded = await convert(source, { shard: { c: 2, z: 2, y: 64, x: 64 } });
      const before = await contentOf(source);
      const unsharded = await convert(sharded, { shard: "none" });
      expect(await contentOf(unsharded)).toEqual(before);
      await withIndexAtStart(sharded);
      expect(await contentOf(await convert(sharded, { shard: "none" }))).toEqual(before);
    },
  );

  test("missing chunks stay missing, and empty shards leave nothing", async () => {
    const values = new Map(await sampleMap(SIZE));
    for (const key of values.keys()) {
      if (/^\/0\/c\/(0\/0\/|1\/1\/[02]\/)/.test(key)) values.delete(key);
    }
    const source = memoryStore(values, "sample");
    const sharded = await convert(source, { shard: { y: 64, x: 64 } });
    expect(await contentOf(await convert(sharded, { shard: "none" }))).toEqual(await contentOf(source));
  });

  test("all arrays, with their own chunk keys; unsharded arrays are copied", async () => {
    const values = new Map(await sampleMap({ ...SIZE, shards: true }));
    const sharded = memoryStore(values, "sample");
    const document = await jsonOf(sharded, "/0/zarr.json");
    const encoding = { name: "v2", configuration: { separator: "." } };
    await sharded.set("/0/zarr.json", stringifyJson({ ...document, chunk_key_encoding: encoding }));
    for (const [key, value] of [...values]) {
      if (!key.startsWith("/0/c/")) continue;
      values.set(`/0/${key.slice("/0/c/".length).replaceAll("/", ".")}`, value);
      values.delete(key);
    }
    const plan = await planTransfer(sharded, {}, { shard: "none" });
    expect(plan.rewritten.map(({ kind }) => kind)).toEqual(plan.rewritten.map(() => "unsharded"));
    const unsharded = await run(plan);
    expect(await jsonOf(unsharded, "/0/zarr.json")).toMatchObject({
      chunk_grid: { configuration: { chunk_shape: [1, 1, 32, 32] } },
      chunk_key_encoding: encoding,
    });
    expect(await unsharded.get("/0/0.0.0.0")).toBeDefined();
    expect(JSON.stringify(await contentOf(unsharded))).not.toContain("sharding_indexed");
    await expectValues(unsharded, { ...SIZE, shards: true });
  });
});

test("a plan has the largest number of chunks, and an image without shards is copied", async () => {
  const source = await sampleStore(SIZE);
  const plan = await planTransfer(await convert(source, { shard: "auto" }), {}, { shard: "none" });
  const converted = await run(plan);
  let chunks = 0;
  for await (const { key } of converted.list())
    if (/\/c\/[\d/]+$/.test(key) && !key.includes("tables")) chunks++;
  expect(plan.generated?.entries).toBeGreaterThanOrEqual(chunks);
  expect(plan.generated?.entries).toBe(plan.rewritten.reduce((sum, one) => sum + (one.chunks ?? 0), 0));
  expect(plan.findings).toEqual([]);
  expect((await planTransfer(source, {}, { shard: "none" })).generated).toBeUndefined();
  const old = await sampleStore({ ...SIZE, version: "0.4" });
  expect(await planTransfer(old, {}, { shard: "none" })).toMatchObject({ to: "0.4", generated: undefined });
});

describe("together with", () => {
  const sharded = () => sampleStore({ ...SIZE, levels: 1, shards: true });

  test("--codec: re-encoded and unsharded", async () => {
    const converted = await convert(await sharded(), { shard: "none", codec: { name: "gzip", level: 6 } });
    const { codecs } = await jsonOf(converted, "/0/zarr.json");
    expect(codecs).toMatchObject([{ name: "bytes" }, { name: "gzip" }]);
    await expectValues(converted, { ...SIZE, levels: 1, shards: true });
  });

  test("--pyramid: new levels have no shards either", async () => {
    const converted = await convert(
      await sampleStore({ size: { c: 1, z: 1, y: 600, x: 600 }, levels: 1, chunk: 64, shards: true }),
      {
        shard: "none",
        pyramid: true,
      },
    );
    for (const level of [0, 1, 2]) {
      expect(await jsonOf(converted, `/${level}/zarr.json`)).toMatchObject({
        codecs: [{ name: "bytes" }, {}],
      });
    }
  });

  test("--path and --levels", async () => {
    const source = await sampleStore({ ...SIZE, shards: true });
    for (const selection of [{ path: "labels/cells" }, { levels: { start: 1, stop: undefined } }]) {
      const view = await selectView(source, selection);
      const converted = await convert(view, { shard: "none" });
      const differences: unknown[] = [];
      for await (const difference of verifyStores(view, converted)) differences.push(difference);
      expect(differences).toEqual([]);
      expect(JSON.stringify(await contentOf(converted))).not.toContain("sharding_indexed");
    }
  });
});

describe("0.4", () => {
  test("has no shards: they are split into chunks, and a finding says so", async () => {
    const source = await sampleStore({ ...SIZE, shards: true });
    const plan = await planTransfer(source, needsOfVersion("0.4", {}));
    expect(plan.findings).toMatchObject([{ rule: "unsharded", severity: "info" }]);
    await expectValues(await run(await planVersion(plan, "0.4")), { ...SIZE, shards: true });
    await expect(planTransfer(source, needsOfVersion("0.4", {}), { shard: "auto" })).rejects.toMatchObject({
      _tag: "Usage",
    });
  });

  test.each<SampleOptions>([
    { codec: "blosc", order: "F" },
    { codec: "zstd", byteOrder: ">" },
  ])("through shards and back is what it was: %j", async (variant) => {
    const source = await sampleStore({ ...SIZE, ...variant, version: "0.4" });
    const back = await contentOf(await as04(await convert(source, { shard: "auto" })));
    const before = await contentOf(source);
    expect([...back.keys()]).toEqual([...before.keys()]);
    for (const [key, value] of before) {
      if (value instanceof Uint8Array) expect(back.get(key), key).toEqual(value);
    }
  });

  test("a codec inside shards that Zarr v2 lacks is refused by name", async () => {
    const source = await sampleStore({ ...SIZE, shards: true });
    const document = await jsonOf(source, "/0/zarr.json");
    const [{ configuration }] = document["codecs"] as [{ configuration: JsonObject }];
    const codecs = [...(configuration["codecs"] as JsonObject[]), { name: "numcodecs.fletcher32" }];
    const sharding = { name: "sharding_indexed", configuration: { ...configuration, codecs } };
    await source.set("/0/zarr.json", stringifyJson({ ...document, codecs: [sharding] }));
    await expect(as04(source)).rejects.toMatchObject({
      _tag: "Unsupported",
      feature: "codec numcodecs.fletcher32",
    });
  });

  test.each(["blosc:zstd:3", "none"])("has no crc32c: chunks that have it, of %s, lose it", async (codec) => {
    const request = { codec: parseCodecRequest(codec), shard: "auto" } as const;
    const checked = await convert(await sampleStore(SIZE), request);
    const inner = [
      { configuration: { codecs: expect.arrayContaining([{ name: "crc32c", configuration: {} }]) } },
    ];
    expect(await jsonOf(checked, "/0/zarr.json")).toMatchObject({ codecs: inner });
    const back = await as04(checked);
    await expectValues(back, SIZE);
    expect(await jsonOf(back, "/0/.zarray")).toMatchObject({
      filters: null,
      compressor: codec === "none" ? null : { id: "blosc", cname: "zstd", clevel: 3 },
    });
  });
});

describe("claimed sizes of arrays and shards are not trusted", () => {
  const SAID = 2 ** 40;

  async function claims(shards: boolean): Promise<Store> {
    const source = await sampleStore({ ...SIZE, levels: 1, shards });
    const [inner, all] = [
      [1, 1, 1, 1],
      [1, 1, 1, SAID],
    ];
    const document = await jsonOf(source, "/0/zarr.json");
    const sharding = {
      name: "sharding_indexed",
      configuration: { chunk_shape: inner, codecs: BYTES, index_codecs: BYTES },
    };
    const codecs = shards ? [sharding] : BYTES;
    const chunkGrid = { name: "regular", configuration: { chunk_shape: shards ? all : inner } };
    const said = { ...document, shape: all, chunk_grid: chunkGrid, codecs };
    const values = new Map<AbsolutePath, Uint8Array>();
    for await (const { key } of source.list()) {
      if (!key.startsWith("/0/c/")) values.set(key, (await source.get(key)) ?? new Uint8Array());
    }
    values.set("/0/zarr.json", stringifyJson(said));
    values.set("/0/c/0/0/0/0", new Uint8Array(64));
    return memoryStore(values, "sample");
  }
  const BYTES = [{ name: "bytes", configuration: { endian: "little" } }];

  test.each(["none", { x: 1024 }, "auto"] as const)("in plans for shards %j", async (shard) => {
    await expect(planTransfer(await claims(true), {}, { shard })).rejects.toMatchObject({
      _tag: "CorruptData",
      path: "/0/c/0/0/0/0",
      message: expect.stringContaining("it has 64 bytes, fewer than its index"),
    });
  });

  test("in requested shards", async () => {
    await expect(planTransfer(await claims(false), {}, { shard: { x: SAID } })).rejects.toMatchObject({
      _tag: "Usage",
      message: expect.stringContaining("ask for at most"),
    });
    await convert(await claims(false), { shard: "auto" });
  });
});

describe("an index is not trusted", () => {
  const shard: AbsolutePath = "/0/c/0/0/0/0";
  const size = 16 * 4 + 4;

  /** One shard of four chunks, and what is done to the bytes of its index. */
  async function damaged(change: (index: DataView, bytes: number) => void, fix = true): Promise<Store> {
    const options: SampleOptions = { size: { c: 1, z: 1, y: 64, x: 64 }, levels: 1, chunk: 32 };
    const source = await convert(await sampleStore(options), { shard: { y: 64, x: 64 } });
    const bytes = ((await source.get(shard)) as Uint8Array).slice();
    const view = new DataView(bytes.buffer, bytes.length - size, size);
    change(view, bytes.length);
    if (fix) {
      const slots = [0, 1, 2, 3].map((k) => ({
        offset: Number(view.getBigUint64(k * 16, true)),
        length: Number(view.getBigUint64(k * 16 + 8, true)),
      }));
      bytes.set(encodeShardIndex(slots), bytes.length - size);
    }
    await source.set(shard, bytes);
    return source;
  }

  test.each<[string, Promise<Store>]>([
    ["CRC-32C", damaged((index) => index.setUint8(1, index.getUint8(1) ^ 1), false)],
    ["chunk (0, 0, 0, 0) ends beyond it", damaged((index) => index.setBigUint64(8, 2n ** 40n, true))],
    ["ends beyond it", damaged((index) => index.setBigUint64(0, 2n ** 63n, true))],
    ["shares bytes with", damaged((index) => index.setBigUint64(16, 1n, true))],
    [
      "on top of its index",
      damaged((index, end) => {
        index.setBigUint64(0, BigInt(end - size - 1), true);
        index.setBigUint64(8, 2n, true);
      }),
    ],
  ])("%s", async (what, source) => {
    const run = convert(await source, { shard: "none" });
    await expect(run).rejects.toMatchObject({ _tag: "CorruptData", path: shard });
    await expect(run).rejects.toThrow(what);
    await expect(run).rejects.toThrow("0/c/0/0/0/0 in memory is damaged");
  });
});
