import { autoWindow, type Histogram, histogramOf, type PixelValues, type ReadOptions } from "@ozx/core";
import { useEffect, useState } from "react";
import type { PlacedLevel, Pyramid, Tile } from "../tiles/image-plane.js";
import { readTile, type Slice } from "../tiles/read-tile.js";

/** One channel looked at as a whole, on the smallest level there is. */
export interface ChannelScan {
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
const MOST_PIXELS = 1024;

/** Reads the smallest level of one channel, or the middle of it where that is large. */
export async function scanChannel(
  pyramid: Pyramid,
  slice: Slice,
  channel: number,
  options?: ReadOptions,
): Promise<ChannelScan> {
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
    const start = Math.max(0, Math.floor((size - MOST_PIXELS) / 2));
    return [start, Math.min(size, start + MOST_PIXELS)];
  };
  const place = { left: 0, top: 0, right: 0, bottom: 0 };
  return { level, row: 0, column: 0, x: part(level.width), y: part(level.height), bounds: place };
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

/**
 * Looks at the channels that are on, for their windows, histograms and the overview. Those of the last slice stay
 * until those of the next one are there.
 *
 * @param attempt another number has what could not be read be read again
 */
export function useChannelScans(
  pyramid: Pyramid,
  slice: Slice,
  channels: readonly number[],
  attempt: number,
  onError: (error: unknown) => void,
): ReadonlyMap<number, ChannelScan> {
  const [surveys, setSurveys] = useState<ReadonlyMap<number, ChannelScan>>(new Map());
  const [surveyed, setSurveyed] = useState<string>();
  const sliceKey = JSON.stringify(slice);
  const missing = channels.filter((channel) => sliceKey !== surveyed || !surveys.has(channel)).join();

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is a reason to read again
  useEffect(() => {
    if (missing === "") return;
    const controller = new AbortController();
    const indices = missing.split(",").map(Number);
    const at = JSON.parse(sliceKey) as Slice;
    const run = async (): Promise<void> => {
      // What is wrong with one channel is no reason to know nothing of the others.
      const found = await Promise.allSettled(
        indices.map((channel) => scanChannel(pyramid, at, channel, { signal: controller.signal })),
      );
      if (controller.signal.aborted) return;
      setSurveys((old) => {
        const next = new Map(old);
        for (const [i, index] of indices.entries()) {
          const one = found[i];
          if (one?.status === "fulfilled") next.set(index, one.value);
          else next.delete(index);
        }
        return next;
      });
      setSurveyed(sliceKey);
      const failed = found.find((one) => one.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    };
    run().catch((error) => {
      if (!controller.signal.aborted) onError(error);
    });
    return () => controller.abort();
  }, [pyramid, sliceKey, missing, attempt, onError]);

  return surveys;
}
