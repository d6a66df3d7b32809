import { isFloats, type PixelValues } from "./pixel-values.js";

/** A plane of one channel and how it is to be shown. */
export interface CompositeChannel {
  /** One value a pixel, row after row. */
  readonly values: PixelValues;
  /** `start` and what is below is shown as black, `end` and what is above in full colour. */
  readonly window: { readonly start: number; readonly end: number };
  /** Six hexadecimal digits, as in `Channel.color`; white by default. */
  readonly color?: string | undefined;
  /** Between black and full colour, the brightness to this power; 1 by default, less is brighter. */
  readonly gamma?: number | undefined;
}

/**
 * Channels as one picture: each in its colour at its brightness, added up and cut at full red, green and blue.
 *
 * The brightness of a value is `((value - start) / (end - start)) ** gamma`, from 0 to 1, and 0 for NaN. Sums are
 * rounded once, at the end: `Math.round(255 * sum)`. Integers of 64 bits are calculated with as doubles.
 *
 * @returns red, green, blue and an alpha of 255 for every pixel, as `ImageData` takes them
 * @throws RangeError when channels differ in size, or a colour is none
 */
export function compositeChannels(channels: readonly CompositeChannel[]): Uint8ClampedArray<ArrayBuffer> {
  const pixels = channels[0]?.values.length ?? 0;
  const sums = new Float64Array(pixels * 3);
  for (const { values, window, color = "FFFFFF", gamma = 1 } of channels) {
    if (values.length !== pixels) {
      throw new RangeError(`a channel has ${values.length} pixels where the first one has ${pixels}`);
    }
    const [red, green, blue] = parseColor(color);
    for (let i = 0; i < pixels; i++) {
      const light = brightness(Number(values[i]), window, gamma);
      if (light === 0) continue;
      const at = 3 * i;
      sums[at] = (sums[at] as number) + light * red;
      sums[at + 1] = (sums[at + 1] as number) + light * green;
      sums[at + 2] = (sums[at + 2] as number) + light * blue;
    }
  }
  const rgba = new Uint8ClampedArray(pixels * 4);
  for (let i = 0, from = 0, to = 0; i < pixels; i++, from += 3, to += 4) {
    // A clamped array rounds halves to the even neighbour; Math.round is what is promised.
    rgba[to] = Math.round(sums[from] as number);
    rgba[to + 1] = Math.round(sums[from + 1] as number);
    rgba[to + 2] = Math.round(sums[from + 2] as number);
    rgba[to + 3] = 255;
  }
  return rgba;
}

/**
 * How bright a value is shown, from 0 to 1. A window without width has nothing between black and full colour.
 */
export function brightness(
  value: number,
  { start, end }: CompositeChannel["window"],
  gamma: number = 1,
): number {
  if (!(value > start)) return 0;
  if (value >= end) return 1;
  const light = (value - start) / (end - start);
  return gamma === 1 ? light : light ** gamma;
}

/**
 * Red, green and blue, each 0 to 255, of six hexadecimal digits.
 *
 * @throws RangeError when they are something else
 */
export function parseColor(color: string): readonly [red: number, green: number, blue: number] {
  if (!/^[0-9A-Fa-f]{6}$/.test(color)) {
    throw new RangeError(`${JSON.stringify(color)} is no colour: six hexadecimal digits are, as in 00FFFF`);
  }
  const number = Number.parseInt(color, 16);
  return [number >> 16, (number >> 8) & 0xff, number & 0xff];
}

/**
 * The colour of a channel whose metadata names none: white for a single one, otherwise colours that can be told apart
 * where they overlap.
 *
 * @param index of the channel, from 0 on
 * @param count of all channels
 */
export function defaultColor(index: number, count: number): string {
  if (count === 1) return "FFFFFF";
  const colors = count === 2 ? TWO : MANY;
  return colors[index % colors.length] as string;
}

const TWO = ["FF00FF", "00FF00"];
const MANY = ["0000FF", "00FF00", "FF0000", "FF00FF", "00FFFF", "FFFF00", "FFFFFF"];

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
