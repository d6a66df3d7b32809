import type { ReadOptions } from "@ozx/core";
import type { LayoutDecoder, SegmentLayout } from "@ozx/virtual/decode";
import { decodeSegment } from "./decode-segment.js";

/**
 * How a rectangle of pixels is made of the segments (tiles or strips) that it reaches over. Rectangles that lie alike in
 * their segments have the same layout, wherever in the page they are, so that a thread is sent few of them.
 */
export interface RegionLayout {
  /** Of a whole segment. */
  readonly segment: SegmentLayout;
  readonly tiled: boolean;
  /** How many segments it reaches over. */
  readonly down: number;
  readonly across: number;
  /** The rectangle: its size, and where it begins in the first of the segments. */
  readonly rows: number;
  readonly columns: number;
  readonly top: number;
  readonly left: number;
  /** Rows and columns of the page from the start of the first segment on, up to the end of the last. */
  readonly pageRows: number;
  readonly pageColumns: number;
  /** Bytes of a pixel. */
  readonly pixelBytes: number;
}

/** The stored bytes of segments in one piece of memory: the length of each in 32 bits, then their bytes. */
export interface SegmentFrame {
  /** Starts at the start of its buffer. */
  readonly bytes: Uint8Array;
  /** Where the bytes of each segment belong. */
  readonly targets: readonly Uint8Array[];
}

/** Makes a frame for segments of these lengths. A segment of 0 bytes was never written. */
export function createFrame(lengths: readonly number[]): SegmentFrame {
  const header = lengths.length * Uint32Array.BYTES_PER_ELEMENT;
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, header));
  new Uint32Array(bytes.buffer, 0, lengths.length).set(lengths);
  let at = header;
  const targets = lengths.map((length) => {
    at += length;
    return bytes.subarray(at - length, at);
  });
  return { bytes, targets };
}

/** Decodes the pixels of a region: `decodeRegion`, here or in a thread. */
export type RegionDecoder = LayoutDecoder<RegionLayout>;

/**
 * Decodes the segments of a frame, and puts together the pixels of a region, which are little-endian and interleaved.
 * What lies beyond the page, and what was never written, is 0. It is a function of its arguments only, for any thread.
 *
 * @param frame as `createFrame` makes it of the segments of the region, row by row
 * @throws as `decodeSegment` does
 */
export async function decodeRegion(
  frame: Uint8Array,
  layout: RegionLayout,
  options?: ReadOptions,
): Promise<Uint8Array> {
  const { segment, down, across, rows, columns, pixelBytes } = layout;
  const { width, height } = segment;
  const lengths = new Uint32Array(frame.buffer, frame.byteOffset, down * across);
  let at = lengths.byteLength;
  let pixels: Uint8Array | undefined;
  for (const [k, length] of lengths.entries()) {
    if (length === 0) continue;
    const stored = frame.subarray(at, at + length);
    at += length;
    const [row, column] = [Math.floor(k / across), k % across];
    const decoded = await decodeSegment(stored, segmentAt(layout, row, column), options);
    if (isWholeSegment(layout)) return decoded;
    pixels ??= new Uint8Array(rows * columns * pixelBytes);
    copyPart({ from: decoded, to: pixels, layout, originY: row * height, originX: column * width });
  }
  return pixels ?? new Uint8Array(rows * columns * pixelBytes);
}

/** Whether a region is exactly one segment, all of which is in the page: most are. */
function isWholeSegment(layout: RegionLayout): boolean {
  const { segment, down, across, rows, columns, top, left, pageRows, pageColumns } = layout;
  const isAlone = down === 1 && across === 1 && top === 0 && left === 0;
  const isAlike = rows === segment.height && columns === segment.width;
  return isAlone && isAlike && pageRows >= rows && pageColumns >= columns;
}

/** The layout of one of the segments: those at the edge of the page have less of it. */
function segmentAt(
  { segment, tiled, pageRows, pageColumns }: RegionLayout,
  row: number,
  column: number,
): SegmentLayout {
  const { width, height } = segment;
  const inside = {
    width: Math.min(width, pageColumns - column * width),
    height: Math.min(height, pageRows - row * height),
  };
  return tiled ? { ...segment, inside } : { ...segment, height: inside.height, mostRows: height };
}

interface Part {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly layout: RegionLayout;
  /** Where the segment starts, from the start of the first one. */
  readonly originY: number;
  readonly originX: number;
}

/** Copies what a segment and the region have in common, row by row. */
function copyPart({ from, to, layout, originY, originX }: Part): void {
  const { segment, top, left, rows, columns, pageRows, pageColumns, pixelBytes } = layout;
  const start = Math.max(originX, left);
  const end = Math.min(originX + segment.width, left + columns, pageColumns);
  const bottom = Math.min(originY + segment.height, top + rows, pageRows);
  for (let y = Math.max(originY, top); y < bottom; y++) {
    const at = ((y - originY) * segment.width + start - originX) * pixelBytes;
    to.set(
      from.subarray(at, at + (end - start) * pixelBytes),
      ((y - top) * columns + start - left) * pixelBytes,
    );
  }
}
