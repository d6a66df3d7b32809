import type { PixelValues } from "../image/pixel-values.js";

type PixelConstructor = new (length: number) => PixelValues;

/** The data types of pixels that can be written, and the arrays that hold them. */
export const PIXEL_TYPES: ReadonlyMap<string, PixelConstructor> = new Map<string, PixelConstructor>([
  ["uint8", Uint8Array],
  ["uint16", Uint16Array],
  ["uint32", Uint32Array],
  ["uint64", BigUint64Array],
  ["int8", Int8Array],
  ["int16", Int16Array],
  ["int32", Int32Array],
  ["int64", BigInt64Array],
  ["float32", Float32Array],
  ["float64", Float64Array],
  ["bool", Uint8Array],
]);

/** The least and the largest value that pixels of a type usually have. */
export function usualRange(dtype: string): readonly [min: number, max: number] {
  const [, sign, digits] = /^(u?)int(\d+)$/.exec(dtype) ?? [];
  if (digits === undefined) return [0, 1];
  const bits = Number(digits);
  return sign === "u" ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}
