import fc from "fast-check";
import { expect, test } from "vitest";
import { forEachInSlices, sortInSlices } from "../../src/bytes/slices.js";

test("a million items let timers run, and can be aborted", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  let visited = 0;
  setTimeout(() => controller.abort(reason));
  const items = {
    *[Symbol.iterator]() {
      for (;;) yield visited++;
    },
  };
  await expect(forEachInSlices(items, () => {}, { signal: controller.signal })).rejects.toBe(reason);
  expect(visited).toBeGreaterThan(0);
});

test("sorting is the same as all at once, and stable", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(30_000), fc.integer({ min: 1, max: 5000 }), async (length, values) => {
      const items = Array.from({ length }, (_, at) => ({ at, value: (at * 7919) % values }));
      const compare = (a: { value: number }, b: { value: number }): number => a.value - b.value;
      expect(await sortInSlices(items, compare)).toEqual([...items].sort(compare));
    }),
    { numRuns: 20 },
  );
});

test("sorting can be aborted", async () => {
  const items = Array.from({ length: 300_000 }, (_, at) => (at * 7919) % 1009);
  const slow = (a: number, b: number): number => String(a).localeCompare(String(b));
  const sorting = sortInSlices(items, slow, { signal: AbortSignal.timeout(20) });
  await expect(sorting).rejects.toThrow(/timeout/);
});
