import { isFloats, type PixelValues } from "./pixel-values.js";

type Rgb = readonly [red: number, green: number, blue: number];

/** A plane of one channel, and how to display it. */
export interface CompositeChannel {
  /** One value a pixel, row by row. */
  readonly values: PixelValues;
  /** Values up to `start` are shown as black, from `end` on in full colour. */
  readonly window: { readonly start: number; readonly end: number };
  /** Six hexadecimal digits, as in `Channel.color`; white by default. */
  readonly color?: string | undefined;
  /**
   * Colours at equal steps of brightness, from black to full; between them it changes linearly. Each has red, green and
   * blue, 0 to 255. It replaces `color`.
   */
  readonly ramp?: readonly Rgb[] | undefined;
  /** The exponent of the brightness between black and full colour; 1 by default, less is brighter. */
  readonly gamma?: number | undefined;
}

/**
 * Combines channels into one picture: each in its colour, added up and clamped to full red, green and blue.
 *
 * The brightness of a value is `((value - start) / (end - start)) ** gamma`, from 0 to 1, and 0 for NaN. Sums are
 * rounded once, at the end: `Math.round(255 * sum)`. Integers of 64 bits are converted to doubles.
 *
 * @returns red, green, blue and an alpha of 255 for every pixel, as `ImageData` takes them
 * @throws RangeError when channels differ in size, or a colour is not valid
 */
export function compositeChannels(channels: readonly CompositeChannel[]): Uint8ClampedArray<ArrayBuffer> {
  const pixels = channels[0]?.values.length ?? 0;
  const sums = new Float64Array(pixels * 3);
  for (const channel of channels) {
    const { values } = channel;
    if (values.length !== pixels) {
      throw new RangeError(`a channel has ${values.length} pixels where the first one has ${pixels}`);
    }
    const table = colorTable(channel);
    if (table === undefined) addColors(sums, channel);
    else addFromTable(sums, values, table);
  }
  const rgba = new Uint8ClampedArray(pixels * 4);
  for (let i = 0, from = 0, to = 0; i < pixels; i++, from += 3, to += 4) {
    // A clamped array would round halves to even.
    rgba[to] = Math.round(sums[from] as number);
    rgba[to + 1] = Math.round(sums[from + 1] as number);
    rgba[to + 2] = Math.round(sums[from + 2] as number);
    rgba[to + 3] = 255;
  }
  return rgba;
}

function addColors(
  sums: Float64Array,
  { values, window, color = "FFFFFF", ramp, gamma }: CompositeChannel,
): void {
  const [red, green, blue] = parseColor(color);
  for (let i = 0, at = 0; i < values.length; i++, at += 3) {
    const light = brightness(Number(values[i]), window, gamma);
    if (ramp === undefined && light === 0) continue;
    const shown = ramp === undefined ? undefined : colorOnRamp(ramp, light);
    sums[at] = (sums[at] as number) + (shown?.[0] ?? light * red);
    sums[at + 1] = (sums[at + 1] as number) + (shown?.[1] ?? light * green);
    sums[at + 2] = (sums[at + 2] as number) + (shown?.[2] ?? light * blue);
  }
}

/** The colours of integers: red, green and blue of `first`, then of each next one. */
interface ColorTable {
  readonly first: number;
  readonly colors: Float64Array;
}

/** A table where integers are in a window of fewer values than there are pixels: it takes a fraction of the time. */
function colorTable({ values, ...channel }: CompositeChannel): ColorTable | undefined {
  const { start, end } = channel.window;
  const first = Math.floor(start);
  // To the next integer, which is in full colour where the window has no width too.
  const count = Math.ceil(end) + 2 - first;
  const isExact = !isFloats(values) && values.BYTES_PER_ELEMENT < 8;
  if (!isExact || !(start <= end && count <= values.length)) return undefined;
  const colors = new Float64Array(count * 3);
  addColors(colors, { ...channel, values: Float64Array.from({ length: count }, (_, at) => first + at) });
  return { first, colors };
}

function addFromTable(
  sums: Float64Array,
  values: ArrayLike<number | bigint>,
  { first, colors }: ColorTable,
): void {
  const last = colors.length / 3 - 1;
  for (let i = 0, to = 0; i < values.length; i++, to += 3) {
    const index = (values[i] as number) - first;
    const from = index > last ? 3 * last : index > 0 ? 3 * index : 0;
    sums[to] = (sums[to] as number) + (colors[from] as number);
    sums[to + 1] = (sums[to + 1] as number) + (colors[from + 1] as number);
    sums[to + 2] = (sums[to + 2] as number) + (colors[from + 2] as number);
  }
}

/** The colour on a ramp of at least two for a brightness from 0 to 1. */
function colorOnRamp(ramp: readonly Rgb[], light: number): Rgb {
  const at = light * (ramp.length - 1);
  const step = Math.min(ramp.length - 2, Math.floor(at));
  const [from, to] = [ramp[step] as Rgb, ramp[step + 1] as Rgb];
  const part = (index: 0 | 1 | 2): number => from[index] + (to[index] - from[index]) * (at - step);
  return [part(0), part(1), part(2)];
}

/**
 * The brightness of a value, from 0 to 1. In a window of no width, values are either black or full colour.
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
 * Parses a colour of six hexadecimal digits.
 *
 * @returns red, green and blue, each 0 to 255
 * @throws RangeError when it is not valid
 */
export function parseColor(color: string): readonly [red: number, green: number, blue: number] {
  if (!/^[0-9A-Fa-f]{6}$/.test(color)) {
    throw new RangeError(
      `${JSON.stringify(color)} is not a colour: write six hexadecimal digits, as in 00FFFF`,
    );
  }
  const number = Number.parseInt(color, 16);
  return [number >> 16, (number >> 8) & 0xff, number & 0xff];
}

/**
 * The default colour of a channel: white for a single one, otherwise those of a composite in ImageJ, from red, green and
 * blue on. Two channels are magenta and green, which more people can tell apart than red and green.
 *
 * @param index of the channel, from 0 on
 * @param count the number of channels
 * @returns six hexadecimal digits
 */
export function defaultColor(index: number, count: number): string {
  if (count === 1) return "FFFFFF";
  const colors = count === 2 ? TWO : MANY;
  return colors[index % colors.length] as string;
}

const TWO = ["FF00FF", "00FF00"];
const MANY = ["FF0000", "00FF00", "0000FF", "FFFFFF", "00FFFF", "FF00FF", "FFFF00"];

/** The frequencies of values, in bins of equal width. */
export interface Histogram {
  /** The number of values in each bin; the last one includes `max`. */
  readonly counts: Float64Array;
  /** The smallest and the largest finite value; 0 where there is none. */
  readonly min: number;
  readonly max: number;
  /** The number of finite values. */
  readonly total: number;
}

/** A window of values as in OME-Zarr: `start` is shown as black, `end` in full colour; `min` and `max` are the limits. */
export interface ValueWindow {
  readonly start: number;
  readonly end: number;
  readonly min: number;
  readonly max: number;
}

/** One for each integer of 16 bits. */
const MOST_BINS = 65_536;

/**
 * Counts values: exactly where they are integers within a range of at most 65,536, otherwise in 65,536 bins between the
 * smallest and the largest. NaN and infinities are ignored.
 */
export function histogramOf(values: PixelValues): Histogram {
  const { min, max, total } = rangeOf(values);
  if (total === 0) return { counts: new Float64Array(0), min, max, total };
  const exact = !isFloats(values) && max - min < MOST_BINS;
  const counts = new Float64Array(exact ? max - min + 1 : MOST_BINS);
  // Halves, since the difference of two doubles may overflow.
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

/** Options of {@link autoWindow}. */
export interface AutoWindowOptions {
  /** The fraction of the values below `start`; 0.001 by default. */
  readonly low?: number | undefined;
  /** The fraction of the values up to `end`; 0.999 by default. */
  readonly high?: number | undefined;
}

/**
 * A window that shows an image well: from the quantile `low` of its values to the quantile `high`. Where those are equal,
 * as in an image that is nearly all background, it is the whole range. An image of a single value is shown as black when
 * the value is 0 or less, and in full colour otherwise.
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
  // A bin is a range, all of which is included.
  const edge = (bin: number): number => {
    const part = bin / counts.length;
    return min * (1 - part) + max * part;
  };
  return { start: edge(first), end: edge(last + 1), min, max };
}

/** The first bin up to which at least this fraction of the values lies. */
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
