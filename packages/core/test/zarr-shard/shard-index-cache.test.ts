import type { AbsolutePath, Store } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { describe, expect, test } from "vitest";
import { encodeShardIndex, extentAt, type ShardSlot } from "../../src/zarr/shard/shard-index.js";
import { createShardIndexCache } from "../../src/zarr/shard/shard-index-cache.js";
import type { ShardLayout } from "../../src/zarr/shard/shard-layout.js";

const LAYOUT: ShardLayout = {
  location: "end",
  grid: [2, 2],
  indexSize: 68,
  littleEndian: true,
  checksum: true,
  largestChunk: 100,
};
const GOOD: readonly ShardSlot[] = [{ offset: 0, length: 4 }, undefined, { offset: 4, length: 6 }, undefined];

/** A shard of 10 bytes of chunks, and an index that says where they are. */
function storeOf(slots: readonly ShardSlot[], location: "start" | "end" = "end"): Store {
  const [index, chunks] = [encodeShardIndex(slots), new Uint8Array(10)];
  const parts = location === "start" ? [index, chunks] : [chunks, index];
  const bytes = new Uint8Array(parts.flatMap((part) => [...part]));
  return memoryStore(new Map<AbsolutePath, Uint8Array>([["/0/c/0/0", bytes]]), "image");
}

const shard = { key: "/0/c/0/0", size: 78 } as const;

describe.each([{ size: 78 }, { size: undefined }])("of a shard of %j", ({ size }) => {
  test.each(["start", "end"] as const)("an index at the %s says where chunks are", async (location) => {
    const at = location === "start" ? 68 : 0;
    const moved = GOOD.map((slot) => slot && { ...slot, offset: slot.offset + at });
    const index = await createShardIndexCache(storeOf(moved, location), { ...LAYOUT, location })({
      ...shard,
      size,
    });
    const places = [0, 1, 2, 3, 4].map((chunk) => index && extentAt(index, chunk));
    const expected = [
      { chunk: 0, offset: at, length: 4 },
      undefined,
      { chunk: 2, offset: at + 4, length: 6 },
    ];
    expect(places).toEqual([...expected, undefined, undefined]);
  });

  test("what shares bytes is refused; what is stored once for two is not", async () => {
    const overlapping = storeOf([{ offset: 0, length: 5 }, { offset: 4, length: 6 }, undefined, undefined]);
    await expect(createShardIndexCache(overlapping, LAYOUT)({ ...shard, size })).rejects.toMatchObject({
      _tag: "CorruptData",
      path: "/0/c/0/0",
      message: expect.stringContaining("its chunk (0, 1) shares bytes with the one at (0, 0)"),
    });
    const twice = storeOf([{ offset: 0, length: 5 }, { offset: 0, length: 5 }, undefined, undefined]);
    expect(await createShardIndexCache(twice, LAYOUT)({ ...shard, size })).toHaveLength(8);
  });
});

test.each<[string, readonly ShardSlot[]]>([
  ["its chunk (1, 0) ends beyond it", [undefined, undefined, { offset: 70, length: 9 }, undefined]],
  ["ends beyond it", [{ offset: 2 ** 53, length: 2 ** 53 }, undefined, undefined, undefined]],
  ["lies on top of its index", [{ offset: 9, length: 2 }, undefined, undefined, undefined]],
])("%s", async (what, slots) => {
  await expect(createShardIndexCache(storeOf(slots), LAYOUT)(shard)).rejects.toThrow(
    `0/c/0/0 in image is damaged: ${what.startsWith("its") ? what : "its chunk (0, 0) "}`,
  );
  await expect(createShardIndexCache(storeOf(slots), LAYOUT)(shard)).rejects.toThrow(what);
});

test("a shard that is too small, one that has shrunk, and one that is not there", async () => {
  const store = storeOf(GOOD);
  const large = { ...LAYOUT, grid: [4, 4], indexSize: 16 * 16 + 4 };
  await expect(createShardIndexCache(store, large)(shard)).rejects.toThrow("78 bytes, fewer than its index");
  await expect(createShardIndexCache(store, large)({ key: shard.key })).rejects.toThrow(
    "fewer than its index",
  );
  await expect(createShardIndexCache(store, large)({ ...shard, size: 400 })).rejects.toMatchObject({
    _tag: "SourceChanged",
  });
  expect(await createShardIndexCache(store, LAYOUT)({ key: "/0/c/0/1", size: 78 })).toBeUndefined();
});

test("concurrent reads of an index share one request", async () => {
  const store = storeOf(GOOD);
  let reads = 0;
  const counting: Store = {
    ...store,
    getRange: (...given) => {
      reads++;
      return store.getRange(...given);
    },
  };
  const indexOf = createShardIndexCache(counting, LAYOUT);
  await Promise.all([indexOf(shard), indexOf(shard)]);
  await indexOf(shard);
  expect(reads).toBe(1);
});

test("an aborted call stops waiting, and the request ends when no call waits", async () => {
  const signals: (AbortSignal | undefined)[] = [];
  const store = storeOf(GOOD);
  const silent: Store = {
    ...store,
    getRange: (key, range, options) => {
      signals.push(options?.signal);
      return signals.length === 1 ? new Promise(() => {}) : store.getRange(key, range, options);
    },
  };
  const indexOf = createShardIndexCache(silent, LAYOUT);
  const [first, second] = [new AbortController(), new AbortController()];
  const waiting = [first, second].map(({ signal }) => indexOf(shard, { signal }));
  first.abort(new Error("no longer wanted"));
  await expect(waiting[0]).rejects.toThrow("no longer wanted");
  expect(signals.map((signal) => signal?.aborted)).toEqual([false]);
  second.abort(new Error("not at all"));
  await expect(waiting[1]).rejects.toThrow("not at all");
  expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
  expect(await indexOf(shard, { signal: new AbortController().signal })).toHaveLength(8);
});

test("the number of small indexes in the cache is bounded", async () => {
  const bytes = encodeShardIndex(GOOD);
  const asked = new Map<AbsolutePath, number>();
  const store: Store = {
    ...memoryStore(),
    async getRange(key) {
      asked.set(key, (asked.get(key) ?? 0) + 1);
      return bytes;
    },
  };
  const indexOf = createShardIndexCache(store, LAYOUT);
  for (let at = 0; at <= 70_000; at++) await indexOf({ key: `/0/c/${at}`, size: 78 });
  for (const at of [0, 70_000]) await indexOf({ key: `/0/c/${at}`, size: 78 });
  expect(asked.get("/0/c/0")).toBe(2);
  expect(asked.get("/0/c/70000")).toBe(1);
});
