import { LifFault } from "./fault.js";

/** The bytes that {@link parseBlockStart} needs. */
export const BLOCK_START = 13;
/** The text of a header in a LOF, whose pixels come before its XML. */
export const LOF_TYPE = "LMS_Object_File";
/** Letters at the start of the text of a header, by which it is known, in bytes. */
export const TYPE_LENGTH = 2 * LOF_TYPE.length;
/** The longest XML: that of a file with thousands of images has some hundreds of megabytes. */
const LONGEST_TEXT = 512 * 1024 * 1024;

/** The start of a block with a text: u32 0x70, u32 length of the rest, u8 0x2A, u32 length of the text in UTF-16 units. */
export interface BlockStart {
  /** Bytes of the text, which starts at {@link BLOCK_START}. */
  readonly textBytes: number;
  /** Where what follows the block starts, from its own start on. */
  readonly end: number;
}

/** @returns undefined where no such block starts with these bytes */
export function parseBlockStart(bytes: Uint8Array): BlockStart | undefined {
  const view = viewOf(bytes);
  if (bytes.length < BLOCK_START || view.getUint32(0, true) !== 0x70 || bytes[8] !== 0x2a) return undefined;
  const rest = view.getUint32(4, true);
  const textBytes = 2 * view.getUint32(9, true);
  if (textBytes > LONGEST_TEXT || 5 + textBytes > rest) return undefined;
  return { textBytes, end: 8 + rest };
}

/** Whether the text of a header is that of a LIF, LIFEXT or LOF: the XML of Leica's containers, or the name of the type. */
export function isLifText(text: string): boolean {
  return text.startsWith(LOF_TYPE) || text.trimStart().startsWith("<LMSDataConta");
}

/** A block of pixels: the size of what follows it, and its name, as in `MemBlock_12`. */
export interface MemoryBlock {
  readonly id: string;
  readonly size: number;
  /** Where its bytes start, from the start of the block on. */
  readonly data: number;
}

/** The longest start of a memory block; names have a dozen letters, or are the 36 of a GUID. */
export const LONGEST_MEMORY_START = 1024;

/**
 * Parses the start of a memory block: u32 0x70, u32 length of the rest, u8 0x2A, size, u8 0x2A, u32 length of the name in UTF-16
 * units, name.
 *
 * @param bytes of the file at the block, {@link LONGEST_MEMORY_START} of them or up to its end
 * @param version of the container: sizes have 4 bytes in version 1, and 8 in version 2
 * @throws LifFault where there is no such block
 */
export function parseMemoryBlock(bytes: Uint8Array, version: 1 | 2): MemoryBlock {
  const view = viewOf(bytes);
  const sizeBytes = version === 1 ? 4 : 8;
  const nameAt = 9 + sizeBytes + 5;
  const isBlock = bytes.length >= nameAt && view.getUint32(0, true) === 0x70 && bytes[8] === 0x2a;
  if (!isBlock || bytes[9 + sizeBytes] !== 0x2a)
    throw new LifFault("has no block of pixels where one should be");
  const nameBytes = 2 * view.getUint32(nameAt - 4, true);
  if (nameAt + nameBytes > bytes.length)
    throw new LifFault("has a block of pixels with a name that does not end");
  const size = version === 1 ? view.getUint32(9, true) : getUint64(view, 9);
  const id = new TextDecoder("utf-16le").decode(bytes.subarray(nameAt, nameAt + nameBytes));
  return { id, size, data: 8 + view.getUint32(4, true) };
}

/** Bytes between the header of a LOF and its pixels: u8 0x2A, u32 major, u8 0x2A, u32 minor, u8 0x2A, u64 size. */
export const LOF_START = 19;

/** The size of the pixels of a LOF, from what follows its header. @throws LifFault */
export function parseLofStart(bytes: Uint8Array): number {
  const marks = [0, 5, 10].every((at) => bytes[at] === 0x2a);
  if (bytes.length < LOF_START || !marks) throw new LifFault("has no size of its pixels after its header");
  return getUint64(viewOf(bytes), 11);
}

/** Text of UTF-16, without NULs at its end. */
export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder("utf-16le").decode(bytes).replace(/\0+$/, "");
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Reads 8 bytes as a number. What is not a safe integer lies beyond any file, so the rounding does not matter. */
function getUint64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true);
}
