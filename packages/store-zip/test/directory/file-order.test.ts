import { expect, test } from "vitest";
import { fileOrder, orderInFile } from "../../src/directory/file-order.js";

/** Numbers from 0 to 1 that are the same in every run. */
function* randomNumbers(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

function compared(offsets: Float64Array): Uint32Array {
  return Uint32Array.from(offsets.keys()).sort(
    (a, b) => (offsets[a] as number) - (offsets[b] as number) || a - b,
  );
}

function expectSame(found: Uint32Array, wanted: Uint32Array): void {
  expect(found).toHaveLength(wanted.length);
  expect(found.findIndex((index, at) => index !== wanted[at])).toBe(-1);
}

test.each([
  ["few", 100, 2 ** 31],
  ["in a small file, many at one place", 20_000, 5000],
  ["in a file beyond 4 GiB", 20_000, 2 ** 40],
  ["as far away as numbers go", 20_000, Number.MAX_SAFE_INTEGER],
])("entries %s are in the order that comparing gives", (_, count, end) => {
  const random = randomNumbers(count + end);
  const offsets = Float64Array.from({ length: count }, () =>
    Math.floor((random.next().value as number) * end),
  );
  expectSame(fileOrder(offsets), compared(offsets));
});

test("offsets that no file can have come where they belong", () => {
  const offsets = Float64Array.from({ length: 10_000 }, (_, i) => (i * 7919) % 10_000);
  offsets[17] = Number.POSITIVE_INFINITY;
  offsets[4] = Number.POSITIVE_INFINITY;
  offsets[9000] = -3;
  const order = fileOrder(offsets);
  expect([order[0], ...order.slice(-2)]).toEqual([9000, 4, 17]);
  expectSame(order, compared(offsets));
});

test("entries that are in order need no other one", () => {
  expect(orderInFile(new Float64Array(0))).toBeUndefined();
  expect(orderInFile(Float64Array.of(0, 5, 5, 9))).toBeUndefined();
  expect([...fileOrder(Float64Array.of(0, 5, 5, 9))]).toEqual([0, 1, 2, 3]);
});
