import type { Quantity } from "./virtual-image.js";

/**
 * A length, without the digits that converting it from another unit adds.
 *
 * @returns undefined for what cannot be a length: 0, a negative number, NaN, or infinity
 */
export function micrometers(value: number | undefined): Quantity | undefined {
  if (value === undefined || !(value > 0 && Number.isFinite(value))) return undefined;
  return { value: Number(value.toPrecision(12)), unit: "micrometer" };
}
