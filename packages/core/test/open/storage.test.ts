import { readHierarchy } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { measureStored } from "@ozx/core/validate";
import { imageMetadata } from "@ozx/testing";
import { expect, test } from "vitest";
import { tinyPlate, tinyStore } from "./fixtures.js";

test("adds up chunks array by array", async () => {
  const store = tinyPlate();
  const stored = await measureStored(store, await readHierarchy(store));
  expect(stored.arrays.size).toBe(12);
  for (const array of stored.arrays.values()) expect(array).toEqual({ objects: 8, bytes: 8 * 9 * 2 });
  let bytes = 0;
  let entries = 0;
  for await (const { size } of store.list()) {
    bytes += size;
    entries++;
  }
  expect(stored).toMatchObject({ bytes, entries });
});

test("does not confuse arrays whose names start alike, or entries of no array", async () => {
  const store = tinyStore(
    { "/": imageMetadata("yx", ["1", "10"]) },
    { "/1": { shape: [2], chunks: [1] }, "/10": { shape: [3], chunks: [1] } },
  );
  const shuffled = new Map<`/${string}`, Uint8Array>();
  const entries: (readonly [`/${string}`, Uint8Array])[] = [["/notes.txt", new Uint8Array(99)]];
  for await (const { key } of store.list()) entries.push([key, (await store.get(key)) ?? new Uint8Array()]);
  for (const step of [2, 3])
    for (let i = 0; i < entries.length; i += step) shuffled.set(...(entries[i] as (typeof entries)[0]));
  for (const [key, value] of entries) shuffled.set(key, value);
  const mixed = memoryStore(shuffled);
  const { arrays } = await measureStored(mixed, await readHierarchy(mixed));
  expect([...arrays]).toEqual([
    ["/1", { objects: 2, bytes: 4 }],
    ["/10", { objects: 3, bytes: 6 }],
  ]);
});

test("an array at the root", async () => {
  const store = tinyStore({}, { "/": { shape: [4], chunks: [2] } });
  const { arrays } = await measureStored(store, await readHierarchy(store));
  expect([...arrays]).toEqual([["/", { objects: 2, bytes: 8 }]]);
});
