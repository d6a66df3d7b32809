import { entryLength } from "./directory-entry.js";
import { CziFault } from "./fault.js";
import { getInt64, parseSegmentHeader, SEGMENT, SEGMENT_HEADER, viewOf } from "./segment.js";

/** Where the parts of a subblock lie in the file. */
export interface Subblock {
  /** Where its pixels start, and their bytes as they are stored. */
  readonly pixels: number;
  readonly pixelBytes: number;
  /** Where its attachment starts, and its bytes; 0 where there is none. */
  readonly attachment: number;
  readonly attachmentBytes: number;
}

/** Bytes from the start of the segment that {@link parseSubblock} needs. */
export const SUBBLOCK_HEADER = 80;
/** Where the copy of the directory entry starts in the data, and the fewest bytes up to what follows it. */
const ENTRY = 16;
const FEWEST = 256;

/**
 * Parses the start of a subblock's segment.
 *
 * @param position of the segment in the file
 * @throws CziFault
 */
export function parseSubblock(bytes: Uint8Array, position: number): Subblock {
  const { id } = parseSegmentHeader(bytes);
  if (id !== SEGMENT.subblock) throw new CziFault(`is ${JSON.stringify(id)} and not ${SEGMENT.subblock}`);
  const view = viewOf(bytes);
  const metadata = view.getInt32(SEGMENT_HEADER, true);
  const attachmentBytes = view.getInt32(SEGMENT_HEADER + 4, true);
  const pixelBytes = getInt64(view, SEGMENT_HEADER + 8);
  const entry = entryLength(bytes, SEGMENT_HEADER + ENTRY);
  if (entry === undefined) throw new CziFault("ends within its header");
  if (metadata < 0 || attachmentBytes < 0 || pixelBytes < 0) {
    throw new CziFault(`has parts of ${metadata}, ${pixelBytes} and ${attachmentBytes} bytes`);
  }
  // The entry is longer than the room for it where there are more than ten dimensions.
  const pixels = position + SEGMENT_HEADER + Math.max(FEWEST, ENTRY + entry) + metadata;
  return { pixels, pixelBytes, attachment: pixels + pixelBytes, attachmentBytes };
}
