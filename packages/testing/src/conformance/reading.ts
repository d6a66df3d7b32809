import type { AbsolutePath } from "@ozx/core";
import type { RangeQuery } from "@ozx/core/container";
import { expect, test } from "vitest";
import {
  drain,
  EMPTY_KEY,
  expectBytes,
  expectedValue,
  type Fixture,
  LARGE_KEY,
  RANGED_KEY,
} from "./fixture.js";

/** Keys that do not exist, but that a careless store would find. */
const MISSING_KEYS: readonly AbsolutePath[] = [
  "/missing",
  "/blobs/missing.bin",
  // Members of every JavaScript object.
  "/constructor",
  "/__proto__",
  "/toString",
  "/hasOwnProperty",
  // Folders are not keys, and there are no keys below a value.
  "/",
  "/blobs",
  "/blobs/",
  "/zarr.json/",
  "/zarr.json/x",
  // Other spellings of existing keys.
  "//zarr.json",
  "/./zarr.json",
  "/blobs/../zarr.json",
  "/%7Aarr.json",
  "/blobs%2F0.bin",
  "/zarr.json?x",
  "/zarr.json#x",
  "/zarr.json\0",
  // Ways out of the root.
  "/..",
  "/../",
  "/../../../../../../../../../../etc/passwd",
  "/blobs/../../../../../../../../../../../etc/passwd",
  "/..\\..\\etc\\passwd",
  "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
  `/${"long".repeat(100)}`,
];

/** Tests of `get`, `stream`, `readSync` and `openSync`. */
export function testReading(fixture: () => Fixture): void {
  test("has a name, a format and findings", () => {
    const { store } = fixture();
    expect(store.name).not.toBe("");
    expect(store.format).toMatch(/^[a-z0-9-]+$/);
    expect(Array.isArray(store.findings)).toBe(true);
  });

  test("get returns every value, including empty ones and those with odd names", async () => {
    const { store, entries } = fixture();
    for (const [key, value] of entries) expectBytes(await store.get(key), value, key);
  });

  test("get refuses a value that is longer than its reader allows", async () => {
    const { store, entries } = fixture();
    for (const [key, value] of entries) {
      expectBytes(await store.get(key, { atMost: value.length }), value, key);
      if (value.length === 0) continue;
      const refused = store.get(key, { atMost: value.length - 1 });
      await expect(refused, key).rejects.toMatchObject({ _tag: "CorruptData" });
    }
    expect(await store.get("/missing", { atMost: 1 })).toBeUndefined();
  });

  test("get returns a buffer that contains nothing else, which can be transferred", async () => {
    const { store, entries } = fixture();
    for (const key of entries.keys()) {
      const value = await store.get(key);
      expect(value?.buffer.byteLength, key).toBe(value?.byteLength);
    }
  });

  test.for(MISSING_KEYS)("%j does not exist", async (key) => {
    const { store } = fixture();
    expect(await store.get(key)).toBeUndefined();
    expect(await store.getRange(key, { offset: 0, length: 1 })).toBeUndefined();
    expect(await store.getRange(key, { suffixLength: 1 })).toBeUndefined();
    expect(await store.stream(key)).toBeUndefined();
    expect(store.readSync?.(key, new Uint8Array(1)) ?? 0).toBe(0);
  });

  test("a stream returns what get returns", async () => {
    const { store, entries } = fixture();
    for (const [key, value] of entries) expectBytes(await drain(await store.stream(key)), value, key);
  });

  test("a stream can be cancelled early, and the store stays usable", async () => {
    const held = fixture();
    const stream = await held.store.stream(LARGE_KEY);
    const reader = stream?.getReader();
    expect((await reader?.read())?.value?.length).toBeGreaterThan(0);
    await reader?.cancel();
    expectBytes(await held.store.get(LARGE_KEY), expectedValue(held, LARGE_KEY), LARGE_KEY);
  });

  test("any number of calls can run concurrently", async () => {
    const { store, entries } = fixture();
    const all = [...entries].reverse();
    const rounds = [0, 1, 2].flatMap((round) =>
      all.map(async ([key, value], i) => {
        if ((i + round) % 3 === 0) expectBytes(await store.get(key), value, key);
        else if ((i + round) % 3 === 1) expectBytes(await drain(await store.stream(key)), value, key);
        else {
          const part = await store.getRange(key, { offset: i, length: 100 });
          expectBytes(part, value.subarray(i, i + 100), `100 bytes of ${key}`);
        }
      }),
    );
    await Promise.all(rounds);
  });

  test("concurrent streams of one value do not affect each other or later reads", async () => {
    const held = fixture();
    const value = expectedValue(held, LARGE_KEY);
    const streams = Array.from({ length: 6 }, async () => drain(await held.store.stream(LARGE_KEY)));
    for (const stream of await Promise.all(streams)) expectBytes(stream, value, "a parallel stream");
    expectBytes(await held.store.get(LARGE_KEY), value, "the value afterwards");
    expectBytes(await held.store.get(EMPTY_KEY), new Uint8Array(0), "an empty value afterwards");
  });

  test("readSync, if supported, returns what get returns", () => {
    const held = fixture();
    const { store, entries } = held;
    const readSync = store.readSync?.bind(store);
    if (readSync === undefined) return;
    for (const [key, value] of entries) {
      for (const size of new Set([0, 1, Math.max(0, value.length - 1), value.length, value.length + 10])) {
        const target = new Uint8Array(size).fill(0xee);
        const length = readSync(key, target);
        expect(length, `${key} into ${size} bytes`).toBe(Math.min(size, value.length));
        expectBytes(target.subarray(0, length), value.subarray(0, length), key);
        expect(
          target.subarray(length).every((byte) => byte === 0xee),
          `bytes after ${key}`,
        ).toBe(true);
      }
    }
    const window = new Uint8Array(100).fill(0xee);
    expect(readSync(RANGED_KEY, window.subarray(10, 30))).toBe(20);
    expectBytes(
      window.subarray(10, 30),
      expectedValue(held, RANGED_KEY).subarray(0, 20),
      "a view of a buffer",
    );
    expect(window.filter((byte, i) => (i < 10 || i >= 30) && byte !== 0xee)).toHaveLength(0);
  });

  test("openSync, if supported, reads what get returns, in pieces of any size", () => {
    const { store, entries } = fixture();
    const openSync = store.openSync?.bind(store);
    if (openSync === undefined) return;
    for (const [key, value] of entries) {
      for (const size of [
        Math.max(7, Math.ceil(value.length / 3)),
        Math.max(1, value.length),
        value.length + 10,
      ]) {
        const reader = openSync(key);
        // Compressed values can only be streamed.
        if (reader === undefined) continue;
        const target = new Uint8Array(size);
        let done = 0;
        for (let length = size; length === size; done += length) {
          length = reader.read(target);
          expectBytes(target.subarray(0, length), value.subarray(done, done + length), key);
        }
        reader.close();
        expect(done, `${key} in pieces of ${size} bytes`).toBe(value.length);
      }
    }
    expect(openSync("/not/there")).toBeUndefined();
  });
}

/** Tests of `getRange`. */
export function testRanges(fixture: () => Fixture): void {
  test.for([
    { offset: 0, length: 1 },
    { offset: 0, length: 4097 },
    { offset: 1000, length: 96 },
    { offset: 4096, length: 1 },
    { offset: 4000, length: 500 },
    { offset: 4097, length: 1 },
    { offset: 9999, length: 3 },
    { offset: 0, length: 0 },
    { offset: 4097, length: 0 },
    { offset: 10, length: Number.MAX_SAFE_INTEGER },
    { offset: Number.MAX_SAFE_INTEGER, length: 1 },
  ])("getRange clips $length bytes at $offset to the value", async (range) => {
    const held = fixture();
    const expected = expectedValue(held, RANGED_KEY).subarray(range.offset, range.offset + range.length);
    expectBytes(await held.store.getRange(RANGED_KEY, range), expected, JSON.stringify(range));
  });

  test.for([0, 1, 20, 4096, 4097, 4098, 1_000_000])(
    "getRange returns the last %d bytes",
    async (suffixLength) => {
      const held = fixture();
      const value = expectedValue(held, RANGED_KEY);
      const expected = value.subarray(Math.max(0, value.length - suffixLength));
      expectBytes(
        await held.store.getRange(RANGED_KEY, { suffixLength }),
        expected,
        `suffix ${suffixLength}`,
      );
    },
  );

  test.for<RangeQuery>([{ offset: 1, length: 100 }, { suffixLength: 19 }])(
    "the result of getRange for %o has its own buffer",
    async (range) => {
      // zarrita 0.5 reads the numbers of a shard index in place, so the start must be aligned.
      const part = await fixture().store.getRange(RANGED_KEY, range);
      expect([part?.byteOffset, part?.buffer.byteLength]).toEqual([0, part?.byteLength]);
    },
  );

  test("every part of an empty value is empty", async () => {
    const { store } = fixture();
    for (const range of [{ offset: 0, length: 5 }, { offset: 5, length: 5 }, { suffixLength: 5 }]) {
      expectBytes(await store.getRange(EMPTY_KEY, range), new Uint8Array(0), JSON.stringify(range));
    }
  });

  test("ranges across a large value join to the whole", async () => {
    const held = fixture();
    const value = expectedValue(held, LARGE_KEY);
    const length = 500_009;
    const offsets = Array.from({ length: Math.ceil(value.length / length) }, (_, i) => i * length);
    const parts = await Promise.all(
      offsets.map((offset) => held.store.getRange(LARGE_KEY, { offset, length })),
    );
    const joined = Buffer.concat(parts.map((part) => part ?? new Uint8Array(0)));
    expectBytes(new Uint8Array(joined), value, "the parts");
  });

  test.for<RangeQuery>([
    { offset: -1, length: 1 },
    { offset: 0, length: -1 },
    { offset: 0.5, length: 1 },
    { offset: 0, length: 1.5 },
    { offset: Number.NaN, length: 1 },
    { offset: 0, length: Number.POSITIVE_INFINITY },
    { suffixLength: -1 },
    { suffixLength: 1.5 },
  ])("getRange refuses %o", async (range) => {
    const { store } = fixture();
    await expect(store.getRange(RANGED_KEY, range)).rejects.toThrow(RangeError);
  });
}
