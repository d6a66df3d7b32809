import { autoWindow, type Histogram, histogramOf, type PixelValues, type ReadOptions } from "@ozx/core";
import type { PlacedLevel, Pyramid, Tile } from "../tiles/pyramid.js";
import { readTile, type Slice } from "../tiles/read-tile.js";

/** One channel looked at as a whole, on the smallest level there is. */
export interface Survey {
  readonly values: PixelValues;
  readonly width: number;
  readonly height: number;
  /** Whether it is the whole plane; otherwise it is the middle of one that is large. */
  readonly whole: boolean;
  readonly histogram: Histogram;
  /** A window that shows it well. */
  readonly window: ReturnType<typeof autoWindow>;
}

/** The most that is read along an axis to get to know a channel. */
const MOST = 1024;

/** Reads the smallest level of one channel, or the middle of it where that is large. */
export async function surveyChannel(
  pyramid: Pyramid,
  slice: Slice,
  channel: number,
  options?: ReadOptions,
): Promise<Survey> {
  const { image, roles, levels } = pyramid;
  const level = levels.reduce((a, b) => (b.stepX > a.stepX ? b : a));
  const tile = middleOf(level);
  const name = roles.channel === undefined ? undefined : image.axes[roles.channel]?.name;
  const values = await readTile(
    pyramid,
    tile,
    name === undefined ? slice : { ...slice, [name]: channel },
    options,
  );
  const histogram = histogramOf(values);
  const [width, height] = [tile.x[1] - tile.x[0], tile.y[1] - tile.y[0]];
  const whole = width === level.width && height === level.height;
  return { values, width, height, whole, histogram, window: autoWindow(histogram) };
}

function middleOf(level: PlacedLevel): Tile {
  const part = (size: number): readonly [number, number] => {
    const start = Math.max(0, Math.floor((size - MOST) / 2));
    return [start, Math.min(size, start + MOST)];
  };
  const place = { left: 0, top: 0, right: 0, bottom: 0 };
  return { level, row: 0, column: 0, x: part(level.width), y: part(level.height), place };
}

/** A histogram in a few bars, each from 0 to 1, between two values. */
export function barsOf({ counts, min, max }: Histogram, from: number, to: number, bars: number): number[] {
  const sums = new Array<number>(bars).fill(0);
  const step = counts.length > 1 ? (max - min) / (counts.length - 1) : 0;
  for (let bin = 0; bin < counts.length; bin++) {
    const at = Math.floor(((min + bin * step - from) / (to - from || 1)) * bars);
    if (at >= 0 && at <= bars) {
      const bar = Math.min(at, bars - 1);
      sums[bar] = (sums[bar] ?? 0) + (counts[bin] ?? 0);
    }
  }
  // The background would leave nothing to be seen of the rest.
  const most = Math.sqrt(Math.max(...sums)) || 1;
  return sums.map((sum) => Math.sqrt(sum) / most);
}
