import type { AbsolutePath, ChunkWorkers, Store } from "@ozx/core";
import { type MemoryStore, memoryStore } from "@ozx/core/container";
import { inlineWorkers } from "@ozx/core/internal";
import { type SampleOptions, sampleStore } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { type Difference, planTransfer, runTransfer, verifyStores } from "../../src/index.js";
import { memoryTarget } from "../support/memory-target.js";

const SIZE: SampleOptions = { size: { c: 2, z: 2, y: 90, x: 70 }, levels: 2, chunk: 32 };

async function differences(left: Store, right: Store, workers?: ChunkWorkers): Promise<Difference[]> {
  const found: Difference[] = [];
  for await (const difference of verifyStores(left, right, { workers })) found.push(difference);
  return found;
}

async function changed(
  store: MemoryStore,
  key: AbsolutePath,
  change: (text: string) => string,
): Promise<MemoryStore> {
  const copy = memoryStore(new Map(), "changed");
  for await (const { key: each } of store.list())
    await copy.set(each, (await store.get(each)) ?? new Uint8Array());
  const bytes = await copy.get(key);
  await copy.set(key, new TextEncoder().encode(change(new TextDecoder().decode(bytes))));
  return copy;
}

describe("the same image", () => {
  test.each([
    ["with other chunks and codecs", { chunk: 64, codec: "gzip" }],
    ["as 0.4", { version: "0.4", codec: "blosc" }],
    ["as 0.4 in F order, big-endian", { version: "0.4", order: "F", byteOrder: ">" }],
    ["sharded", { shards: true }],
  ] as [string, SampleOptions][])("%s", async (_, options) => {
    const [one, other] = [await sampleStore(SIZE), await sampleStore({ ...SIZE, ...options })];
    expect(await differences(one, other)).toEqual([]);
    expect(await differences(other, one)).toEqual([]);
  });

  test("converted", async () => {
    const source = await sampleStore({ ...SIZE, version: "0.4" });
    const target = memoryTarget();
    await runTransfer(await planTransfer(source, { zarrFormat: 3 }, { shard: "auto" }), target);
    expect(await differences(source, target.store)).toEqual([]);
  });
});

test("a different pixel is reported by its position and both values", async () => {
  const one = await sampleStore({ ...SIZE, codec: "none" });
  const other = await changed(one, "/labels/cells/0/zarr.json", (text) => text);
  const key = "/0/c/1/0/1/1";
  const chunk = new Uint8Array((await one.get(key)) ?? new Uint8Array(32 * 32 * 2));
  const pixels = new Uint16Array(chunk.buffer);
  const before = pixels[3 * 32 + 5] ?? 0;
  pixels[3 * 32 + 5] = before + 1;
  await other.set(key, chunk);
  expect(await differences(one, other)).toEqual([
    {
      kind: "values",
      path: "/0",
      message: `/0 differs first at (1, 0, 35, 37): ${before} in sample, ${before + 1} in changed.`,
    },
  ]);
});

test.each([
  ["a scale", "/zarr.json", "0.325", "0.65", "metadata", "ome.multiscales[0]"],
  ["somebody's attribute", "/zarr.json", '"attributes": {', '"attributes": { "lab": 7,', "metadata", "lab"],
  ["a shape", "/1/zarr.json", '"shape": [\n    2', '"shape": [\n    3', "metadata", "shape of /1"],
  ["a data type", "/0/zarr.json", '"uint16"', '"int16"', "metadata", "data type"],
] as const)("%s is found", async (_, key, from, to, kind, named) => {
  const one = await sampleStore(SIZE);
  const other = await changed(one, key, (text) => text.replace(from, to));
  const [difference, ...rest] = await differences(one, other);
  expect(difference).toMatchObject({ kind });
  expect(difference?.message).toContain(named);
  expect(rest).toEqual([]);
});

test("a node that only one has is found, on either side", async () => {
  const [one, other] = [await sampleStore(SIZE), await sampleStore({ ...SIZE, levels: 1 })];
  for (const found of [await differences(one, other), await differences(other, one)]) {
    expect(found).toContainEqual(expect.objectContaining({ kind: "missing", path: "/1" }));
    expect(found).toContainEqual(expect.objectContaining({ kind: "missing", path: "/labels/cells/1" }));
  }
});

test("a broken document is an error, not a difference", async () => {
  const one = await sampleStore(SIZE);
  const other = await changed(one, "/0/zarr.json", () => "{");
  await expect(differences(one, other)).rejects.toMatchObject({ _tag: "InvalidMetadata" });
});

test("an aborted signal stops it", async () => {
  const one = await sampleStore(SIZE);
  const all = verifyStores(one, one, { signal: AbortSignal.abort() });
  await expect(all.next()).rejects.toThrow(/abort/i);
});

async function recoded(store: Store, shard?: "auto"): Promise<MemoryStore> {
  const target = memoryTarget();
  const codec = shard ? undefined : ({ name: "zstd", level: 1 } as const);
  await runTransfer(await planTransfer(store, { zarrFormat: 3 }, { codec, shard }), target);
  return target.store;
}

/** Changes one element of the uncompressed chunk at a key. */
async function changePixel(store: MemoryStore, key: AbsolutePath, element: number): Promise<void> {
  const chunk = new Uint8Array((await store.get(key)) ?? []);
  const pixels = new Uint16Array(chunk.buffer);
  pixels[element] = (pixels[element] ?? 0) ^ 1;
  await store.set(key, chunk);
}

describe("chunks that workers decode", () => {
  /** Has the chunks that it got last ready first. */
  function backwards(atOnce: number): ChunkWorkers {
    const inner = inlineWorkers();
    let last: Promise<unknown> = Promise.resolve();
    const turns: (() => void)[] = [];
    return {
      ...inner,
      atOnce,
      async run(task, bytes, options) {
        const turn = new Promise<void>((resolve) => turns.push(resolve));
        last = last.then(() => new Promise((resolve) => setTimeout(resolve))).then(() => turns.pop()?.());
        await turn;
        return inner.run(task, bytes, options);
      },
    };
  }

  test("are compared there, where both arrays have the same chunks, whatever compresses them", async () => {
    const never = () => expect.unreachable("pixels were asked for");
    const one = await sampleStore({ ...SIZE, codec: "none" });
    const workers: ChunkWorkers = { ...inlineWorkers(), run: never, place: never };
    expect(await differences(one, await recoded(one), workers)).toEqual([]);
  });

  test.each([1, 4, 16, 64])("the first difference in C order is named, %i at once", async (atOnce) => {
    const one = await sampleStore({ ...SIZE, codec: "none" });
    const other = await changed(one, "/zarr.json", (text) => text);
    // The second of both lies in a later chunk and, in C order, before the first.
    await changePixel(other, "/0/c/1/0/1/0", 9 * 32 + 5);
    await changePixel(other, "/0/c/1/0/1/1", 3 * 32 + 5);
    await changePixel(other, "/0/c/1/1/0/0", 0);
    const [difference, ...rest] = await differences(
      await recoded(one),
      await recoded(other),
      backwards(atOnce),
    );
    expect(difference?.message).toMatch(/^\/0 differs first at \(1, 0, 35, 37\): /);
    expect(rest).toEqual([]);
  });
});

describe("chunks that are stored with the same bytes", () => {
  const unused: ChunkWorkers = {
    ...inlineWorkers(),
    run: () => Promise.reject(new Error("nothing is decoded here")),
  };

  test.each([
    ["packed as they are", {}],
    ["upgraded from 0.4", { version: "0.4", codec: "blosc" }],
    ["upgraded from 0.4, big-endian and in F order", { version: "0.4", order: "F", byteOrder: ">" }],
  ] as [string, SampleOptions][])("are not decoded: %s, and in shards", async (_, options) => {
    const source = await sampleStore({ ...SIZE, codec: "zstd", ...options });
    const sharded = await recoded(source, "auto");
    expect(await differences(source, sharded, unused)).toEqual([]);
    expect(await differences(sharded, source, unused)).toEqual([]);
  });

  test("are decoded if the endianness differs", async () => {
    const one = await sampleStore({ ...SIZE, codec: "none" });
    const other = await changed(one, "/0/zarr.json", (text) => text.replace('"little"', '"big"'));
    expect(await differences(one, other)).toMatchObject([{ kind: "values", path: "/0" }]);
  });

  test("and chunks that both lack are equal if the fill values are", async () => {
    const [one, other] = [await sampleStore(SIZE), await sampleStore(SIZE)];
    const without = async (store: MemoryStore, fill: string): Promise<MemoryStore> => {
      const kept = memoryStore(new Map(), "without");
      for await (const { key } of store.list()) {
        if (key !== "/0/c/1/0/1/1") await kept.set(key, (await store.get(key)) ?? new Uint8Array());
      }
      return changed(kept, "/0/zarr.json", (text) =>
        text.replace(/"fill_value": \d+/, `"fill_value": ${fill}`),
      );
    };
    expect(await differences(await without(one, "0"), await without(other, "0"))).toEqual([]);
    const [difference] = await differences(await without(one, "0"), await without(other, "7"));
    expect(difference?.message).toMatch(/^\/0 differs first at \(1, 0, 32, 32\): 0 in .*, 7 in /);
  });
});

test("aborting does not wait for the index of a shard", async () => {
  const sharded = await sampleStore({ ...SIZE, shards: true });
  const controller = new AbortController();
  const silent: Store = {
    ...sharded,
    getRange: () => {
      setTimeout(() => controller.abort(new Error("no longer wanted")));
      return new Promise(() => {});
    },
  };
  const found = verifyStores(silent, await sampleStore(SIZE), { signal: controller.signal });
  await expect(found[Symbol.asyncIterator]().next()).rejects.toThrow("no longer wanted");
});

test("an array without dimensions, as in AnnData tables", async () => {
  const json = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  const scalar = (value: number, codec: string): Store => {
    const document = {
      zarr_format: 3,
      node_type: "array",
      shape: [],
      data_type: "float64",
      chunk_grid: { name: "regular", configuration: { chunk_shape: [] } },
      chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
      codecs: [{ name: "bytes", configuration: { endian: codec } }],
      fill_value: 0,
      attributes: {},
    };
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, codec === "little");
    const values = new Map<AbsolutePath, Uint8Array>([
      ["/zarr.json", json({ zarr_format: 3, node_type: "group", attributes: {} })],
      ["/a/zarr.json", json(document)],
      ["/a/c", bytes],
    ]);
    return memoryStore(values, String(value));
  };
  expect(await differences(scalar(1.5, "little"), scalar(1.5, "big"))).toEqual([]);
  expect(await differences(scalar(1.5, "little"), scalar(2.5, "little"))).toEqual([
    { kind: "values", path: "/a", message: "/a differs: 1.5 in 1.5, 2.5 in 2.5." },
  ]);
});
