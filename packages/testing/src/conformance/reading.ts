import type { AbsolutePath } from "@ozx/core";
import type { RangeQuery } from "@ozx/core/container";
import { expect, test } from "vitest";
import { drain, EMPTY_KEY, expectBytes, type Fixture, heldValue, LARGE_KEY, RANGED_KEY } from "./fixture.js";

/** Keys that no store may answer, though a careless one would. */
export const MISSING_KEYS: readonly AbsolutePath[] = [
  "/missing",
  "/blobs/missing.bin",
  // Members of every JavaScript object.
  "/constructor",
  "/__proto__",
  "/toString",
  "/hasOwnProperty",
  // Folders are no keys, nor is anything below a value.
  "/",
  "/blobs",
  "/blobs/",
  "/zarr.json/",
  "/zarr.json/x",
  // Other spellings of a key that is there.
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

/** get, stream, readSync. */
export function testReading(fixture: () => Fixture): void {
  test("says what it is", () => {
    const { store } = fixture();
    expect(store.name).not.toBe("");
    expect(store.format).toMatch(/^[a-z0-9-]+$/);
    expect(Array.isArray(store.findings)).toBe(true);
  });

  test("get returns every value, also empty ones and those with odd names", async () => {
    const { store, entries } = fixture();
    for (const [key, value] of entries) expectBytes(await store.get(key), value, key);
  });

  test("get returns a buffer that holds nothing else, which can be given away", async () => {
    const { store, entries } = fixture();
    for (const key of entries.keys()) {
      const value = await store.get(key);
      expect(value?.buffer.byteLength, key).toBe(value?.byteLength);
    }
  });

  test.for(MISSING_KEYS)("nothing is there at %j", async (key) => {
    const { store } = fixture();
    expect(await store.get(key)).toBeUndefined();
    expect(await store.getRange(key, { offset: 0, length: 1 })).toBeUndefined();
    expect(await store.getRange(key, { suffixLength: 1 })).toBeUndefined();
    expect(await store.stream(key)).toBeUndefined();
    expect(store.readSync?.(key, new Uint8Array(1)) ?? 0).toBe(0);
  });

  test("a stream brings what get brings", async () => {
    const { store, entries } = fixture();
    for (const [key, value] of entries) expectBytes(await drain(await store.stream(key)), value, key);
  });

  test("a stream may be left early, and the store reads on", async () => {
    const held = fixture();
    const stream = await held.store.stream(LARGE_KEY);
    const reader = stream?.getReader();
    expect((await reader?.read())?.value?.length).toBeGreaterThan(0);
    await reader?.cancel();
    expectBytes(await held.store.get(LARGE_KEY), heldValue(held, LARGE_KEY), LARGE_KEY);
  });

  test("any number of calls may run at once", async () => {
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

  test("several streams of one value do not disturb each other, nor reads after them", async () => {
    const held = fixture();
    const value = heldValue(held, LARGE_KEY);
    const streams = Array.from({ length: 6 }, async () => drain(await held.store.stream(LARGE_KEY)));
    for (const stream of await Promise.all(streams)) expectBytes(stream, value, "a parallel stream");
    expectBytes(await held.store.get(LARGE_KEY), value, "the value afterwards");
    expectBytes(await held.store.get(EMPTY_KEY), new Uint8Array(0), "an empty value afterwards");
  });

  test("readSync, where there is one, agrees with get", () => {
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
    expectBytes(window.subarray(10, 30), heldValue(held, RANGED_KEY).subarray(0, 20), "a view of a buffer");
    expect(window.filter((byte, i) => (i < 10 || i >= 30) && byte !== 0xee)).toHaveLength(0);
  });

  test("openSync, where there is one, reads what get returns, in pieces of any size", () => {
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
        // What is compressed can only be streamed.
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

/** getRange. */
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
  ])("getRange cuts $length bytes at $offset to what exists", async (range) => {
    const held = fixture();
    const expected = heldValue(held, RANGED_KEY).subarray(range.offset, range.offset + range.length);
    expectBytes(await held.store.getRange(RANGED_KEY, range), expected, JSON.stringify(range));
  });

  test.for([0, 1, 20, 4096, 4097, 4098, 1_000_000])(
    "getRange brings the last %d bytes",
    async (suffixLength) => {
      const held = fixture();
      const value = heldValue(held, RANGED_KEY);
      const expected = value.subarray(Math.max(0, value.length - suffixLength));
      expectBytes(
        await held.store.getRange(RANGED_KEY, { suffixLength }),
        expected,
        `suffix ${suffixLength}`,
      );
    },
  );

  test.for<RangeQuery>([{ offset: 1, length: 100 }, { suffixLength: 19 }])(
    "what getRange brings for %o has a buffer of its own",
    async (range) => {
      // Numbers are read out of it in place, which takes a start that they can have: zarrita 0.5 reads shards so.
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
    const value = heldValue(held, LARGE_KEY);
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
