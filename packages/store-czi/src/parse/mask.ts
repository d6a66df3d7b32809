import { CziFault } from "./fault.js";
import { viewOf } from "./segment.js";

/** Which pixels of a tile are painted. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  /** Bytes of a row. */
  readonly stride: number;
  /** One bit a pixel, the highest first. */
  readonly bits: Uint8Array;
}

/** The GUID of a mask of valid pixels in the attachment of a subblock, 67eae3cb-fc5b-2b49-a16a-ece378031448 as bytes. */
const MASK = [0x67, 0xea, 0xe3, 0xcb, 0xfc, 0x5b, 0x2b, 0x49, 0xa1, 0x6a, 0xec, 0xe3, 0x78, 0x03, 0x14, 0x48];
/** Bytes of a chunk before its content: a GUID and a size. */
export const CHUNK_HEADER = 20;
const MASK_HEADER = 16;

/** Bytes before the GUID of a mask in attachments of some writers. */
const BEFORE = 16;
/** Bytes of a chunk by which {@link findMask} tells what it is. */
export const CHUNK_START = BEFORE + CHUNK_HEADER;

/** Whether a chunk of an attachment starts with a mask. */
export function startsWithMask(bytes: Uint8Array, from = 0): boolean {
  return bytes.length >= from + CHUNK_HEADER && MASK.every((byte, at) => bytes[from + at] === byte);
}

/**
 * Where a mask is, by the start of a chunk of an attachment.
 *
 * @returns `mask` bytes after the start of the chunk, or the start of the `next` chunk
 */
export function findMask(start: Uint8Array): { readonly mask: number } | { readonly next: number } {
  if (startsWithMask(start)) return { mask: 0 };
  if (startsWithMask(start, BEFORE)) return { mask: BEFORE };
  const size = start.length < CHUNK_HEADER ? -1 : viewOf(start).getInt32(BEFORE, true);
  return { next: size < 0 ? Number.POSITIVE_INFINITY : CHUNK_HEADER + size };
}

/**
 * The mask in the attachment of a subblock.
 *
 * @returns undefined where there is none
 * @throws CziFault where it is damaged, or of a kind that is not known
 */
export function parseMask(bytes: Uint8Array): Mask | undefined {
  if (!startsWithMask(bytes)) return undefined;
  if (bytes.length < CHUNK_HEADER + MASK_HEADER) throw new CziFault("has a mask that is truncated");
  const view = viewOf(bytes);
  const [width = 0, height = 0, type, stride = 0] = [0, 4, 8, 12].map((at) =>
    view.getUint32(CHUNK_HEADER + at, true),
  );
  const bits = bytes.subarray(CHUNK_HEADER + MASK_HEADER);
  const isWhole = stride * 8 >= width && stride * height <= bits.length;
  if (type !== 0 || !isWhole)
    throw new CziFault(`has a mask of ${width} × ${height} pixels and kind ${type}`);
  return { width, height, stride, bits };
}
