import { CziFault } from "./fault.js";

/** Bytes of a segment before its data. */
export const SEGMENT_HEADER = 32;
/** Segments start at multiples of it. */
export const ALIGNMENT = 32;

/** The kinds of segments that are read, by their ids. */
export const SEGMENT = {
  file: "ZISRAWFILE",
  directory: "ZISRAWDIRECTORY",
  subblock: "ZISRAWSUBBLOCK",
  metadata: "ZISRAWMETADATA",
  attachmentDirectory: "ZISRAWATTDIR",
  attachment: "ZISRAWATTACH",
  deleted: "DELETED",
} as const;

/** What a segment says of itself: its id, and the bytes of its data that are allocated and used. */
export interface SegmentHeader {
  readonly id: string;
  readonly allocated: number;
  /** All that are allocated, where the writer left it 0. */
  readonly used: number;
}

/**
 * Parses the 32 bytes that every segment starts with.
 *
 * @throws CziFault for fewer bytes, and for sizes that no file has
 */
export function parseSegmentHeader(bytes: Uint8Array): SegmentHeader {
  if (bytes.length < SEGMENT_HEADER) throw new CziFault("ends within the header of a segment");
  const view = viewOf(bytes);
  const allocated = getInt64(view, 16);
  const used = getInt64(view, 24);
  if (allocated < 0 || used < 0) throw new CziFault(`has a segment of ${Math.min(allocated, used)} bytes`);
  return { id: readName(bytes.subarray(0, 16)), allocated, used: used === 0 ? allocated : used };
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Reads 8 bytes as a signed number. What is not a safe integer lies beyond any file, so the rounding does not matter. */
export function getInt64(view: DataView, at: number): number {
  return view.getInt32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true);
}

/** Text of a field of a fixed length, up to its first NUL. */
export function readName(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
