import { autoWindow, type PixelValues, type ReadOptions } from "@ozx/core";
import { type Histogram, histogramOf, isFloats } from "@ozx/core/internal";
import { useEffect, useState } from "react";
import { type PlacedLevel, type Pyramid, previewLevel, type Tile } from "../tiles/image-plane.js";
import { channelSlice, planeKey, readTile, type Slice } from "../tiles/read-tile.js";

/** One channel as a whole, read at a low resolution. */
export interface ChannelScan {
  /** Row after row, `height` × `width`. */
  readonly values: PixelValues;
  readonly width: number;
  readonly height: number;
  /** Whether the values are the whole plane; otherwise they are the middle of a large one. */
  readonly whole: boolean;
  readonly histogram: Histogram;
  /** The fraction of the values that are NaN. */
  readonly nan: number;
  /** The contrast window computed from the values. */
  readonly window: ReturnType<typeof autoWindow>;
}

/** The most pixels that a scan reads along x and y. */
const MAX_SCAN_EXTENT = 1024;

/** Reads the preview level of one channel, or its middle where it is larger than 1024 × 1024 pixels. */
export async function scanChannel(
  pyramid: Pyramid,
  slice: Slice,
  channel: number,
  options?: ReadOptions,
): Promise<ChannelScan> {
  const level = previewLevel(pyramid);
  const tile = middleOf(level);
  const values = await readTile(pyramid, tile, channelSlice(pyramid, slice, channel), options);
  const histogram = histogramOf(values);
  const [width, height] = [tile.x[1] - tile.x[0], tile.y[1] - tile.y[0]];
  const whole = width === level.width && height === level.height;
  return { values, width, height, whole, histogram, nan: nanPart(values), window: autoWindow(histogram) };
}

function nanPart(values: PixelValues): number {
  if (!isFloats(values)) return 0;
  let count = 0;
  for (const value of values) if (Number.isNaN(value)) count++;
  return count / Math.max(1, values.length);
}

function middleOf(level: PlacedLevel): Tile {
  const part = (size: number): readonly [number, number] => {
    const start = Math.max(0, Math.floor((size - MAX_SCAN_EXTENT) / 2));
    return [start, Math.min(size, start + MAX_SCAN_EXTENT)];
  };
  // Only drawn tiles need bounds.
  const bounds = { left: 0, top: 0, right: 0, bottom: 0 };
  return { level, row: 0, column: 0, x: part(level.width), y: part(level.height), bounds };
}

/** The heights of a histogram's bars between two values, each from 0 to 1. */
export function barsOf({ counts, min, max }: Histogram, from: number, to: number, bars: number): number[] {
  const sums = new Array<number>(bars).fill(0);
  const step = counts.length > 1 ? (max - min) / (counts.length - 1) : 0;
  for (let bin = 0; bin < counts.length; bin++) {
    const position = Math.floor(((min + bin * step - from) / (to - from || 1)) * bars);
    if (position >= 0 && position <= bars) {
      const bar = Math.min(position, bars - 1);
      sums[bar] = (sums[bar] ?? 0) + (counts[bin] ?? 0);
    }
  }
  // Square roots, because the background is so frequent that the other bars would be invisible.
  const highest = Math.sqrt(Math.max(...sums)) || 1;
  return sums.map((sum) => Math.sqrt(sum) / highest);
}

interface ChannelScanOptions {
  readonly slice: Slice;
  /** Indices of the channels to scan. */
  readonly channels: readonly number[];
  /** A new number reads again what could not be read. */
  readonly attempt: number;
  readonly onError: (error: unknown) => void;
}

/**
 * Scans channels, for their windows, their histograms and the overview. The scans of the previous slice are returned
 * until those of the next one are complete.
 */
export function useChannelScans(
  pyramid: Pyramid,
  { slice, channels, attempt, onError }: ChannelScanOptions,
): ReadonlyMap<number, ChannelScan> {
  const [scans, setScans] = useState<ReadonlyMap<number, ChannelScan>>(new Map());
  const [scannedKey, setScannedKey] = useState<string>();
  const sliceKey = JSON.stringify([slice, planeKey(pyramid)]);
  const missing = channels.filter((channel) => sliceKey !== scannedKey || !scans.has(channel)).join();

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt must read again
  useEffect(() => {
    if (missing === "") return;
    const controller = new AbortController();
    const indices = missing.split(",").map(Number);
    const [position] = JSON.parse(sliceKey) as [Slice, string];
    const run = async (): Promise<void> => {
      // A channel that cannot be read must not hide the others.
      const results = await Promise.allSettled(
        indices.map((channel) => scanChannel(pyramid, position, channel, { signal: controller.signal })),
      );
      if (controller.signal.aborted) return;
      setScans((old) => {
        const next = new Map(old);
        for (const [i, index] of indices.entries()) {
          const one = results[i];
          if (one?.status === "fulfilled") next.set(index, one.value);
          else next.delete(index);
        }
        return next;
      });
      setScannedKey(sliceKey);
      const failed = results.find((one) => one.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    };
    run().catch((error) => {
      if (!controller.signal.aborted) onError(error);
    });
    return () => controller.abort();
  }, [pyramid, sliceKey, missing, attempt, onError]);

  return scans;
}
