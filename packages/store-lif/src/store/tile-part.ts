import type { ByteSource, ReadOptions } from "@ozx/core";
import type { Rectangle } from "@ozx/virtual";
import { type GatherLayout, gather, gatheredSpan } from "../images/gather.js";
import type { PixelLayout } from "../images/pixel-layout.js";

/** Rows are read one by one where more than so many times their bytes lies between them. */
const LARGEST_GAP = 4;
/** Bytes that are read at once, at most, unless they are those of one row. */
const MOST_AT_ONCE = 64 * 1024 * 1024;

/** Where the values of a part of a plane are. */
export interface TilePart extends GatherLayout {
  /** Of the first value, in the file. */
  readonly offset: number;
}

/**
 * Where the values of a rectangle of a plane are, from the start of its block on.
 *
 * @param start bytes from the start of the block to the first value of the plane's tile
 * @param plane its index, in the order t, c, z
 */
export function partOf(
  { steps, sizes, channels, itemSize, isInterleaved }: PixelLayout,
  { start, plane, region }: { readonly start: number; readonly plane: number; readonly region: Rectangle },
): TilePart {
  const z = plane % sizes.z;
  const channelAndTime = Math.floor(plane / sizes.z);
  const c = isInterleaved ? 0 : channelAndTime % sizes.c;
  const t = Math.floor(channelAndTime / (isInterleaved ? 1 : sizes.c));
  const own = isInterleaved ? [...channels] : [channels[c] ?? 0];
  const least = Math.min(...own);
  return {
    offset: start + t * steps.t + z * steps.z + region.y * steps.y + region.x * steps.x + least,
    channels: own.map((channel) => channel - least),
    rows: region.height,
    columns: region.width,
    rowStep: steps.y,
    columnStep: steps.x,
    itemSize,
  };
}

/** The values of a part, channel by channel, row by row. */
export async function readPart(
  source: ByteSource,
  part: TilePart,
  options?: ReadOptions,
): Promise<Uint8Array> {
  const span = gatheredSpan(part);
  const rowSpan = gatheredSpan({ ...part, rows: 1 });
  if (span <= MOST_AT_ONCE && part.rowStep <= LARGEST_GAP * rowSpan) {
    return gather(await source.read(part.offset, span, options), part);
  }
  const { rows, columns, itemSize, channels, offset, rowStep } = part;
  const rowSize = columns * itemSize;
  const values = new Uint8Array(channels.length * rows * rowSize);
  for (let y = 0; y < rows; y++) {
    const bytes = await source.read(offset + y * rowStep, rowSpan, options);
    const row = gather(bytes, { ...part, rows: 1 });
    for (const c of channels.keys()) {
      values.set(row.subarray(c * rowSize, (c + 1) * rowSize), (c * rows + y) * rowSize);
    }
  }
  return values;
}
