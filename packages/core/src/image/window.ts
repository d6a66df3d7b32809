import { isFloats, type PixelValues } from "./pixel-values.js";

/** How often values occur, in bins of equal width. */
export interface Histogram {
  /** How many values each bin holds; the last one holds `max` too. */
  readonly counts: Float64Array;
  /** The smallest and the largest value; 0 when there is none. */
  readonly min: number;
  readonly max: number;
  /** All values that were counted: those that are numbers and finite. */
  readonly total: number;
}

/** A window of values as OME-Zarr has it: `start` is shown as black, `end` in full colour. */
export interface ValueWindow {
  readonly start: number;
  readonly end: number;
  readonly min: number;
  readonly max: number;
}

/** So integers of up to 16 bits have a bin each. */
const MOST_BINS = 65_536;

/**
 * Counts values between the smallest and the largest of them: exactly where they are integers and at most 65,536
 * different ones are possible, otherwise in 65,536 bins. NaN and infinities are left out.
 */
export function histogramOf(values: PixelValues): Histogram {
  const { min, max, total } = rangeOf(values);
  if (total === 0) return { counts: new Float64Array(0), min, max, total };
  const exact = !isFloats(values) && max - min < MOST_BINS;
  const counts = new Float64Array(exact ? max - min + 1 : MOST_BINS);
  // Halves, as the distance between two doubles may be no double.
  const half = max / 2 - min / 2;
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (!Number.isFinite(value)) continue;
    const bin = exact ? value - min : Math.floor(((value / 2 - min / 2) / half) * MOST_BINS) || 0;
    const at = Math.min(bin, counts.length - 1);
    counts[at] = (counts[at] as number) + 1;
  }
  return { counts, min, max, total };
}

export interface AutoWindowOptions {
  /** The part of the values that may be darker than black; 0.001 by default. */
  readonly low?: number | undefined;
  /** The part of the values that is not brighter than full colour; 0.999 by default. */
  readonly high?: number | undefined;
}

/**
 * A window that shows an image well: from the value below which `low` of all values lie to the one below which
 * `high` of them do. Where those two are the same, as in an image that is nearly all background, it is the whole
 * range. An image of a single value is shown black when the value is 0 or less, and in full colour otherwise.
 */
export function autoWindow(
  source: PixelValues | Histogram,
  { low = 0.001, high = 0.999 }: AutoWindowOptions = {},
): ValueWindow {
  const histogram = "counts" in source ? source : histogramOf(source);
  const { counts, min, max } = histogram;
  if (min === max) return min > 0 ? { start: 0, end: max, min, max } : { start: min, end: min + 1, min, max };
  const [first, last] = [binAt(histogram, low), binAt(histogram, high)];
  if (first === last) return { start: min, end: max, min, max };
  if (counts.length === max - min + 1) return { start: min + first, end: min + last, min, max };
  // A bin is a range: all of it is inside.
  const edge = (bin: number): number => {
    const part = bin / counts.length;
    return min * (1 - part) + max * part;
  };
  return { start: edge(first), end: edge(last + 1), min, max };
}

/** The first bin up to which at least this part of the values lies. */
function binAt({ counts, total }: Histogram, part: number): number {
  const rank = Math.max(1, Math.ceil(part * total));
  let sum = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    sum += counts[bin] as number;
    if (sum >= rank) return bin;
  }
  return counts.length - 1;
}

function rangeOf(values: PixelValues): Pick<Histogram, "min" | "max" | "total"> {
  let [min, max, total] = [Infinity, -Infinity, 0];
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (!Number.isFinite(value)) continue;
    total++;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return total === 0 ? { min: 0, max: 0, total } : { min, max, total };
}
