import type { ReadOptions } from "@ozx/core";
import { CziFault } from "../parse/fault.js";
import { parseSegmentHeader, SEGMENT_HEADER, type SegmentHeader } from "../parse/segment.js";
import type { SegmentSource } from "./segment-source.js";

/** A segment whose header, and the start of whose data, are in memory. */
export interface OpenSegment extends SegmentHeader {
  /** Where its data start in the file. */
  readonly data: number;
  /** The start of its data; all of them where they are not longer. */
  readonly start: Uint8Array;
}

/**
 * Reads the start of a segment.
 *
 * @param id the id that it must have
 * @param length bytes of data to read with the header; fewer come where it ends before
 * @throws CziFault
 */
export async function readSegment(
  { source }: SegmentSource,
  position: number,
  { id, length }: { readonly id: string; readonly length: number },
  options?: ReadOptions,
): Promise<OpenSegment> {
  if (position + SEGMENT_HEADER > source.size) {
    throw new CziFault(`ends before its segment ${id} at ${position}`);
  }
  const most = Math.min(source.size - position, SEGMENT_HEADER + length);
  const bytes = await source.read(position, most, options);
  const header = parseSegmentHeader(bytes);
  if (header.id !== id) {
    throw new CziFault(`has ${JSON.stringify(header.id)} at ${position}, where ${id} is expected`);
  }
  const data = position + SEGMENT_HEADER;
  return { ...header, data, start: bytes.subarray(SEGMENT_HEADER, SEGMENT_HEADER + header.used) };
}

/**
 * A part of the data of a segment: what is in memory, or else read.
 *
 * @throws CziFault where the file ends before
 */
export async function readData(
  { source }: SegmentSource,
  { id, data, start }: OpenSegment,
  { from, length }: { readonly from: number; readonly length: number },
  options?: ReadOptions,
): Promise<Uint8Array> {
  if (from + length <= start.length) return start.subarray(from, from + length);
  if (data + from + length > source.size) throw new CziFault(`ends within its segment ${id}`);
  return source.read(data + from, length, options);
}
