import type { JsonObject, ReadOptions } from "@ozx/core";
import { readText } from "../../parse/values.js";
import type { TiffFile } from "../../read/tiff-file.js";
import { parseLoose } from "./acquisition.js";

/** The marks of Micro-Manager's header, after that of TIFF (`StorageMultipageTiff.java`). */
const MAGIC = { indexMapOffset: 54_773_648, indexMap: 3_453_623, summary: 2_355_492 };
const HEADER = 40;
const ENTRY = 20;
const LONGEST_SUMMARY = 64 * 1024 * 1024;

/** The planes of one file, in columns and in the order of acquisition. */
export interface IndexMap {
  readonly count: number;
  readonly channels: Int32Array;
  readonly slices: Int32Array;
  readonly frames: Int32Array;
  readonly positions: Int32Array;
  /** Where the IFD of each plane starts. */
  readonly ifds: Float64Array;
}

/** The header of a file; undefined for files that Micro-Manager did not write as a stack. */
export async function readStackHeader(
  { header, source, windows }: TiffFile,
  options?: ReadOptions,
): Promise<{ readonly indexMap: number; readonly summary: JsonObject } | undefined> {
  if (header.big || source.size < HEADER) return undefined;
  const start = (await windows.load(0, HEADER, options)).subarray(0, HEADER);
  const view = new DataView(start.buffer, start.byteOffset, start.length);
  const at = (offset: number): number => view.getUint32(offset, header.littleEndian);
  if (at(8) !== MAGIC.indexMapOffset) return undefined;
  const length = at(36);
  const hasSummary = at(32) === MAGIC.summary && length <= LONGEST_SUMMARY && HEADER + length <= source.size;
  const summary = hasSummary ? parseLoose(readText(await source.read(HEADER, length, options))) : {};
  return { indexMap: at(12), summary };
}

/**
 * Reads the index map, which replaces the chain of IFDs. Of a program that crashed it has the number of entries that were
 * reserved, of which those that were not used are 0.
 *
 * @returns undefined where there is none
 */
export async function readIndexMap(
  { header, source }: TiffFile,
  offset: number,
  options?: ReadOptions,
): Promise<IndexMap | undefined> {
  if (offset < HEADER || offset + 8 > source.size) return undefined;
  const { littleEndian } = header;
  const head = await source.read(offset, 8, options);
  const headView = new DataView(head.buffer, head.byteOffset, 8);
  if (headView.getUint32(0, littleEndian) !== MAGIC.indexMap) return undefined;
  const announced = headView.getUint32(4, littleEndian);
  const most = Math.min(announced, Math.floor((source.size - offset - 8) / ENTRY));
  const columns = {
    channels: new Int32Array(most),
    slices: new Int32Array(most),
    frames: new Int32Array(most),
    positions: new Int32Array(most),
    ifds: new Float64Array(most),
  };
  let count = 0;
  // In pieces, since most of what a crashed program has reserved is empty.
  for (let from = 0; from < most; from += PIECE) {
    const to = Math.min(most, from + PIECE);
    const bytes = await source.read(offset + 8 + from * ENTRY, (to - from) * ENTRY, options);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let k = from; k < to; k++) {
      const at = (k - from) * ENTRY;
      const ifd = view.getUint32(at + 16, littleEndian);
      if (ifd === 0) return { count, ...columns };
      const coordinates = [0, 4, 8, 12].map((field) => view.getInt32(at + field, littleEndian));
      if (ifd >= source.size || coordinates.some((value) => value < 0)) continue;
      [columns.channels, columns.slices, columns.frames, columns.positions].forEach((column, axis) => {
        column[count] = coordinates[axis] as number;
      });
      columns.ifds[count++] = ifd;
    }
  }
  return { count, ...columns };
}

const PIECE = 65_536;
