import { type PixelValues, UsageError } from "@ozx/core";
import { countElements, type PixelBlock } from "@ozx/core/internal";

/** The data types that values can be rescaled to. */
export type RescaledType = "uint8" | "uint16";

/** Values from `start` to `end` become all those of the new data type. */
export interface ValueWindow {
  readonly start: number;
  readonly end: number;
}

/** How the values of an array become those of another data type. */
export interface Rescale {
  readonly dtype: RescaledType;
  /** The axis of the channels; undefined if all pixels have one window. */
  readonly channelAxis: number | undefined;
  /** The window of each channel that is taken, or a single one. */
  readonly windows: readonly ValueWindow[];
  /** The new fill value for an earlier one. */
  fill(value: number): number;
}

/**
 * @param windows of each channel, where there is an axis of channels
 */
export function createRescale(
  dtype: RescaledType,
  windows: readonly ValueWindow[],
  channelAxis?: number,
): Rescale {
  return {
    ...{ dtype, channelAxis, windows },
    // Where channels differ in it, chunks that are not stored are made all the same.
    fill: (value) => scaled(value, windows[0] ?? { start: 0, end: 1 }, mostOf(dtype)),
  };
}

/** The value that stands for the end of the window and all above it. */
export function mostOf(dtype: RescaledType): number {
  return dtype === "uint8" ? 255 : 65_535;
}

/** Whether pixels that are not stored become the same in all channels. */
export function hasOneFill({ windows, dtype }: Rescale, value: number): boolean {
  const fills = new Set(windows.map((window) => scaled(value, window, mostOf(dtype))));
  return fills.size <= 1;
}

/**
 * Rescales the pixels of a block: `(value - start) / (end - start)` of the largest value, rounded to the nearest and
 * halves up, with what lies outside the window at its ends. NaN becomes 0.
 *
 * @param first the position of the block along the axis of the channels
 */
export function rescalePixels(
  { data, shape }: PixelBlock,
  { dtype, channelAxis, windows }: Rescale,
  first: number,
): PixelBlock {
  const out: PixelValues = dtype === "uint8" ? new Uint8Array(data.length) : new Uint16Array(data.length);
  const most = mostOf(dtype);
  const channels = channelAxis === undefined ? 1 : (shape[channelAxis] ?? 1);
  const inner = channelAxis === undefined ? data.length : countElements(shape.slice(channelAxis + 1));
  for (let at = 0, k = 0; at < data.length; at += inner, k++) {
    const channel = channelAxis === undefined ? 0 : first + (k % channels);
    const window = windows[channel] ?? windows[0] ?? { start: 0, end: 1 };
    for (let i = at; i < at + inner; i++) out[i] = scaled(Number(data[i]), window, most);
  }
  return { data: out, shape };
}

function scaled(value: number, { start, end }: ValueWindow, most: number): number {
  if (!(value > start)) return 0;
  return value >= end ? most : Math.floor(((value - start) / (end - start)) * most + 0.5);
}

/**
 * Parses a window as the command line spells it: `100..4000`, or with a colon.
 *
 * @throws UsageError where the second number is not larger
 */
export function parseWindow(text: string): ValueWindow {
  const [, from = "", to = ""] = WINDOW.exec(text.trim()) ?? [];
  const window = { start: Number(from || Number.NaN), end: Number(to || Number.NaN) };
  if (Number.isFinite(window.start) && Number.isFinite(window.end) && window.start < window.end)
    return window;
  throw new UsageError(
    `${JSON.stringify(text)} is not a window of values: give a value and a larger one, as in 100..4000`,
  );
}

const WINDOW = /^(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?::|\.\.)(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/i;
