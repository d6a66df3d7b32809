import type { PixelValues } from "./pixel-values.js";

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
export function composite(channels: readonly CompositeChannel[]): Uint8ClampedArray<ArrayBuffer> {
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
