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

/** Whether an attachment starts with a mask. */
export function startsWithMask(bytes: Uint8Array): boolean {
  return bytes.length >= CHUNK_HEADER && MASK.every((byte, at) => bytes[at] === byte);
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
