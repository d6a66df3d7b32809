import { getUint64, viewOf } from "./bytes.js";

/**
 * A chunk of a file of version 2.1 or later: u32 magic, u32 length of the name field, u64 length of the data, the name field, the data. Names end
 * with `!`, and NULs fill up their field. Chunks start at multiples of 4096.
 */
export interface ChunkHeader {
  /** Bytes of the name field. */
  readonly nameLength: number;
  readonly dataLength: number;
}

/** Bytes of a chunk before its name. */
export const HEADER_LENGTH = 16;
/** What chunk offsets are multiples of. */
export const ALIGNMENT = 4096;
/** The bytes DA CE BE 0A. */
const MAGIC = 0x0abe_ceda;
/** Name fields are padded to some kilobytes. */
const LONGEST_NAME_FIELD = 1024 * 1024;

/** @returns undefined where no chunk starts with these bytes */
export function parseChunkHeader(bytes: Uint8Array): ChunkHeader | undefined {
  if (bytes.length < HEADER_LENGTH) return undefined;
  const view = viewOf(bytes);
  if (view.getUint32(0, true) !== MAGIC) return undefined;
  const nameLength = view.getUint32(4, true);
  return nameLength > LONGEST_NAME_FIELD ? undefined : { nameLength, dataLength: getUint64(view, 8) };
}

/** The name in the bytes of a name field, without its `!`; undefined where there is none. */
export function parseChunkName(bytes: Uint8Array): string | undefined {
  const end = bytes.indexOf(0x21);
  return end < 0 ? undefined : new TextDecoder("latin1").decode(bytes.subarray(0, end));
}

/** The number in the name of a chunk with the pixels of a frame, as in `ImageDataSeq|12`. */
export function frameNumber(name: string): number | undefined {
  const digits = /^ImageDataSeq\|(\d{1,15})$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
