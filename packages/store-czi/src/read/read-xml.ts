import type { ReadOptions } from "@ozx/core";
import { LARGEST_DOCUMENT } from "@ozx/core/internal";
import { CziFault } from "../parse/fault.js";
import { SEGMENT, viewOf } from "../parse/segment.js";
import { readData, readSegment } from "./read-segment.js";
import type { SegmentSource } from "./segment-source.js";

/** Where the XML starts in the data of a metadata segment. */
const XML = 256;
/** Bytes that are read with the header: ZEN writes about half a megabyte. */
const FIRST = { remote: 768 * 1024, local: 64 * 1024 };
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Reads the metadata, as UTF-8 without a byte order mark and without NULs at its end.
 *
 * @param position of its segment
 * @returns undefined where it is empty
 * @throws CziFault
 */
export async function readXml(
  from: SegmentSource,
  position: number,
  options?: ReadOptions,
): Promise<Uint8Array | undefined> {
  const length = from.isRemote ? FIRST.remote : FIRST.local;
  const segment = await readSegment(from, position, { id: SEGMENT.metadata, length }, options);
  if (segment.start.length < XML) throw new CziFault("ends within its metadata");
  const size = viewOf(segment.start).getInt32(0, true);
  if (size < 0 || size > Math.max(0, segment.used - XML) || size > LARGEST_DOCUMENT) {
    throw new CziFault(`has metadata of ${size} bytes in a segment of ${segment.used}`);
  }
  const bytes = await readData(from, segment, { from: XML, length: size }, options);
  const start = BYTE_ORDER_MARK.every((byte, at) => bytes[at] === byte) ? BYTE_ORDER_MARK.length : 0;
  let end = bytes.length;
  while (end > start && bytes[end - 1] === 0) end--;
  // A copy, since it is kept and would keep all that was read.
  return end > start ? bytes.slice(start, end) : undefined;
}
