import type { ReadOptions } from "@ozx/core";
import { DamagedSegmentError } from "@ozx/virtual/decode";
import { CziFault } from "../parse/fault.js";
import { type Mask, parseMask } from "../parse/mask.js";
import { convertSamples } from "./convert-samples.js";
import { decodeTile } from "./decode-tile.js";
import { type RegionLayout, sizeOfRegion, type TileLayout } from "./region-layout.js";

/**
 * Decodes tiles and paints them one over another. What no tile covers, and what a mask leaves out of all, is 0. It is a
 * function of its arguments only, for any thread.
 *
 * @param frame the bytes of the tiles, one after another
 * @returns pixels row by row, the samples of a pixel side by side (red, green, blue), little-endian
 * @throws DamagedSegmentError, UnsupportedSegmentError
 */
export async function decodeRegion(
  frame: Uint8Array,
  layout: RegionLayout,
  options?: ReadOptions,
): Promise<Uint8Array> {
  const out = new Uint8Array(sizeOfRegion(layout));
  let at = 0;
  for (const tile of layout.tiles) {
    options?.signal?.throwIfAborted();
    const stored = frame.subarray(at, at + tile.pixelBytes);
    at += tile.pixelBytes;
    const mask = tile.maskBytes === 0 ? undefined : maskOf(frame.subarray(at, at + tile.maskBytes));
    at += tile.maskBytes;
    const pixels = convertSamples(await decodeTile(stored, tile), tile.pixelType, layout);
    paint(pixels, { out, layout, tile, mask });
  }
  return out;
}

function maskOf(bytes: Uint8Array): Mask | undefined {
  try {
    return parseMask(bytes);
  } catch (error) {
    if (!(error instanceof CziFault)) throw error;
    throw new DamagedSegmentError("mask", error.message, { cause: error });
  }
}

interface Painting {
  readonly out: Uint8Array;
  readonly layout: RegionLayout;
  readonly tile: TileLayout;
  readonly mask: Mask | undefined;
}

function paint(pixels: Uint8Array, { out, layout, tile, mask }: Painting): void {
  const { rows, columns, itemSize, samples } = layout;
  const { width, height, left, top, firstRow } = tile;
  const pixel = itemSize * samples;
  const [from, to] = [Math.max(0, -left), Math.min(width, columns - left)];
  if (from >= to) return;
  const last = Math.min(height, rows - top);
  for (let row = Math.max(0, -top); row < last; row++) {
    const source = row * width;
    const target = (row + top) * columns + left;
    if (mask === undefined) {
      out.set(pixels.subarray((source + from) * pixel, (source + to) * pixel), (target + from) * pixel);
      continue;
    }
    for (const [start, end] of shownIn(mask, row + firstRow, from, to)) {
      out.set(pixels.subarray((source + start) * pixel, (source + end) * pixel), (target + start) * pixel);
    }
  }
}

/** The runs of a row that a mask lets be painted. What lies beyond the mask is not. */
function* shownIn(
  { width, height, stride, bits }: Mask,
  row: number,
  from: number,
  to: number,
): Generator<readonly [start: number, end: number]> {
  if (row >= height) return;
  const end = Math.min(to, width);
  let start = -1;
  for (let column = from; column < end; column++) {
    const byte = bits[row * stride + (column >> 3)] ?? 0;
    const isShown = (byte & (0x80 >> (column & 7))) !== 0;
    if (isShown && start < 0) start = column;
    if (!isShown && start >= 0) {
      yield [start, column];
      start = -1;
    }
  }
  if (start >= 0) yield [start, end];
}
