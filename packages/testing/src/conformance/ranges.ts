import type { RangeQuery } from "@ozx/core";
import { expect, test } from "vitest";
import { expectBytes, heldValue } from "./bytes.js";
import { EMPTY_KEY, type Fixture, LARGE_KEY, RANGED_KEY } from "./hierarchy.js";

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
