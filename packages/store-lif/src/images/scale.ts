import type { ImageScale, Quantity } from "@ozx/virtual";
import type { LifDimension, LifElement } from "../parse/elements.js";

/** Meters by the units of lengths, and seconds by those of times. */
const METERS: Readonly<Record<string, number>> = { m: 1, mm: 1e-3, um: 1e-6, µm: 1e-6, nm: 1e-9 };
const SECONDS: Readonly<Record<string, number>> = { s: 1, ms: 1e-3, Ks: 1e3 };

/** Pixels of a centimeter are those of images that FLIM computes, which count pixels and call them meters. */
const LARGEST_STEP = 10_000;

/** The distances of pixels in micrometers, and of time points in seconds; undefined where they are not known. */
export function scaleOf({ dimensions }: LifElement): ImageScale {
  const stepOf = (id: number): LifDimension | undefined => dimensions.find((one) => one.id === id);
  return {
    x: lengthAlong(stepOf(1)),
    y: lengthAlong(stepOf(2)),
    z: lengthAlong(stepOf(3)),
    t: stepAlong(stepOf(4), SECONDS, 1, "second"),
  };
}

function lengthAlong(dimension: LifDimension | undefined): Quantity | undefined {
  const step = stepAlong(dimension, METERS, 1e6, "micrometer");
  return step === undefined || step.value >= LARGEST_STEP ? undefined : step;
}

/** The distance of two steps; undefined where the length is that of one value, or its unit is another. */
function stepAlong(
  dimension: LifDimension | undefined,
  units: Readonly<Record<string, number>>,
  factor: number,
  unit: string,
): Quantity | undefined {
  const { length = 0, count = 1, unit: own } = dimension ?? {};
  const size = Object.hasOwn(units, own ?? "") ? units[own ?? ""] : undefined;
  const value = (Math.abs(length) / (count - 1)) * (size ?? 0) * factor;
  return Number.isFinite(value) && value > 0 ? { value: Number(value.toPrecision(12)), unit } : undefined;
}
