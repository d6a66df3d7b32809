import { expect, test } from "vitest";
import { autoWindow, histogramOf } from "../../src/image/display.js";

test("integers are counted one by one", () => {
  const { counts, ...range } = histogramOf(Int16Array.of(-2, 3, 3, 0, -2, -2));
  expect([...counts]).toEqual([3, 0, 1, 0, 0, 2]);
  expect(range).toEqual({ min: -2, max: 3, total: 6 });
});

test("NaN and infinities are not counted", () => {
  const { counts, ...range } = histogramOf(Float32Array.of(Number.NaN, 1, Infinity, 2, -Infinity, 1));
  expect(range).toEqual({ min: 1, max: 2, total: 3 });
  expect([counts[0], counts.at(-1), counts.reduce((sum, count) => sum + count)]).toEqual([2, 1, 3]);
});

test("doubles that lie further apart than the largest double are counted", () => {
  const { counts } = histogramOf(Float64Array.of(-1.7e308, 0, 1.7e308));
  expect([counts[0], counts[32768], counts.at(-1)]).toEqual([1, 1, 1]);
});

test("the window excludes the fractions at both ends", () => {
  const values = Uint16Array.from({ length: 1000 }, (_, i) => 999 - i);
  expect(autoWindow(values, { low: 0.01, high: 0.99 })).toEqual({ start: 9, end: 989, min: 0, max: 999 });
  expect(autoWindow(values)).toMatchObject({ start: 0, end: 998 });
});

test("values with fractions have a window that is as fine as their bins", () => {
  const values = Float32Array.from({ length: 100_000 }, (_, i) => i / 100_000);
  const { start, end } = autoWindow(values, { low: 0.25, high: 0.75 });
  expect(start).toBeCloseTo(0.25, 4);
  expect(end).toBeCloseTo(0.75, 4);
});

test("integers of 64 bits have a window too", () => {
  expect(autoWindow(BigUint64Array.of(1n, 2n ** 63n), { low: 0, high: 1 })).toMatchObject({
    start: 1,
    end: 2 ** 63,
  });
});

test("a few bright pixels in an empty image are seen", () => {
  const values = new Uint8Array(100_000);
  values[5] = 200;
  expect(autoWindow(values)).toEqual({ start: 0, end: 200, min: 0, max: 200 });
});

test.each([
  ["zeros are black", Uint8Array.of(0, 0), { start: 0, end: 1 }],
  ["a single value is bright", Uint8Array.of(7, 7), { start: 0, end: 7 }],
  ["a negative one is black", Float32Array.of(-3), { start: -3, end: -2 }],
  ["no numbers at all are black", Float32Array.of(Number.NaN), { start: 0, end: 1 }],
  ["no pixels are black", new Uint16Array(0), { start: 0, end: 1 }],
])("%s", (_, values, window) => {
  expect(autoWindow(values)).toMatchObject(window);
});
