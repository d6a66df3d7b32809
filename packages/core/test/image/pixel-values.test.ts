import { expect, test } from "vitest";
import * as zarr from "zarrita";
import { toPixelBlock } from "../../src/image/pixel-values.js";

test("pixels in C order are taken as they are", () => {
  const data = Uint16Array.of(1, 2, 3, 4);
  expect(toPixelBlock({ data, shape: [2, 2], stride: [2, 1] }).data).toBe(data);
  expect(toPixelBlock({ data, shape: [1, 4], stride: [77, 1] }).data).toBe(data);
});

test("pixels in another order are put into C order", () => {
  const data = Int32Array.of(1, 2, 3, 4, 5, 6);
  expect(toPixelBlock({ data, shape: [2, 3], stride: [1, 2] })).toEqual({
    data: Int32Array.of(1, 3, 5, 2, 4, 6),
    shape: [2, 3],
  });
});

test("zarrita's booleans become zeros and ones", () => {
  const data = new zarr.BoolArray(Uint8Array.of(9, 1, 0, 1).buffer, 1, 3);
  expect(toPixelBlock({ data, shape: [3], stride: [1] }).data).toEqual(Uint8Array.of(1, 0, 1));
});

test("strings are not pixels", () => {
  const data = ["a"] as unknown as Uint8Array;
  expect(() => toPixelBlock({ data, shape: [1], stride: [1] })).toThrow(TypeError);
});
