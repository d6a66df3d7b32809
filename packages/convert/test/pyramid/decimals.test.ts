import { expect, test } from "vitest";
import { positionAfter } from "../../src/pyramid/pyramid-shapes.js";

test.each([
  [0.1, 1, 0.2, 0.3],
  [-7.5, 1.5, 0.1, -7.35],
  [-0.05, 0.5, 0.1, 0],
  [0, 3, 0.1, 0.3],
  [0.15, 0.5, 0.6, 0.45],
  [1e21, 1, 1, 1e21 + 1],
  [0, 0.5, 1e-7, 5e-8],
  [5e-324, 1, 1e308, 1e308],
  [-1.5e-7, 2, 2.5e-7, 3.5e-7],
])("%d and %d pixels of %d is %d", (start, pixels, scale, place) => {
  expect(positionAfter(start, pixels, scale)).toBe(place);
});

test("numbers that are not finite are added as usual", () => {
  expect(positionAfter(Number.POSITIVE_INFINITY, 1, 1)).toBe(Number.POSITIVE_INFINITY);
  expect(positionAfter(1, Number.NaN, 1)).toBeNaN();
});
