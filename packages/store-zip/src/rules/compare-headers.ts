import { crc32 } from "../crc32/crc32.js";
import { type CentralDirectory, hasBytesAt, isAscii, isUtf8 } from "../directory/central-directory.js";
import { CENTRAL_HEADER_SIZE } from "../records/central-header.js";
import { parseExtraField, UNICODE_COMMENT_ID, UNICODE_PATH_ID } from "../records/extra-fields.js";
import { FLAG_DATA_DESCRIPTOR, getUint64, SENTINEL_32, viewOf } from "../records/fields.js";
import { LOCAL_HEADER_SIGNATURE, LOCAL_HEADER_SIZE } from "../records/local-header.js";
import {
  type CentralScan,
  createExtraScan,
  EXTRA_BROKEN,
  EXTRA_FOREIGN,
  EXTRA_RAGGED,
  EXTRA_TWICE,
  EXTRA_UNICODE,
  EXTRA_ZIP64,
  scanExtra,
} from "./scan-central.js";

/** Results of a comparison, as bits: there is no local header where the directory points. */
export const LOCAL_MISSING = 1;
/** Its extra field contradicts itself. */
export const LOCAL_DAMAGED = 1 << 1;
/** Header and data do not end before the directory. */
export const LOCAL_OUTSIDE = 1 << 2;
/** The name differs from the central header, as with the next bits the method, the flags, and so on. */
export const LOCAL_NAME = 1 << 3;
export const LOCAL_METHOD = 1 << 4;
export const LOCAL_FLAGS = 1 << 5;
export const LOCAL_SIZES = 1 << 6;
export const LOCAL_CRC = 1 << 7;
export const LOCAL_TIME = 1 << 8;
/** It has both sizes in a ZIP64 field, with sentinels for them. */
export const LOCAL_ZIP64 = 1 << 9;
/** It has a ZIP64 field that does not follow APPNOTE 4.5.3. */
export const LOCAL_ODD_ZIP64 = 1 << 10;
export const LOCAL_FOREIGN_EXTRA = 1 << 11;
export const LOCAL_TWICE_EXTRA = 1 << 12;
export const LOCAL_RAGGED_EXTRA = 1 << 13;
/** It has a Unicode name for another name. */
export const LOCAL_STALE_UNICODE = 1 << 14;
/** The data descriptor contradicts the directory. */
export const LOCAL_DESCRIPTOR_WRONG = 1 << 15;
/** Its extra field has as many blocks as the central header's, but other ones. */
export const LOCAL_OTHER_EXTRA = 1 << 16;

/** It has sizes of its own and other ones in a ZIP64 field. */
export const LOCAL_OTHER_ZIP64 = 1 << 17;

/** The result of a {@link HeaderComparer}. */
interface HeaderComparison {
  /** The `LOCAL_` bits. */
  bits: number;
  /** Bytes of the whole header, or 0 where there is none. If the block ends before the header, `bits` is not valid. */
  length: number;
}

/** Bytes that were read of a file, at the start of `bytes`. */
export interface HeaderBlock {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly length: number;
}

/**
 * Compares the local header at `at` of a block (APPNOTE 4.3.7) with entry `index` of the directory. Nothing is
 * allocated, because there may be millions.
 *
 * @returns an object that is valid until the next call
 */
export type HeaderComparer = (index: number, block: HeaderBlock, at: number) => HeaderComparison;

/** A comparer for the local headers of one archive. */
export function createHeaderComparer(directory: CentralDirectory, central: CentralScan): HeaderComparer {
  const comparison: HeaderComparison = { bits: 0, length: 0 };
  const extra = createExtraScan();

  const compareExtra = (index: number, { bytes, view }: HeaderBlock, nameStart: number): number => {
    const extraStart = nameStart + view.getUint16(nameStart - 4, true);
    const extraEnd = extraStart + view.getUint16(nameStart - 2, true);
    scanExtra(view, extraStart, extraEnd, extra);
    let bits = extraBits(extra.bits);
    // Many writers have some blocks in only one of the headers; the same number of blocks means the same blocks.
    const difference = extra.others ^ (central.others[index] as number);
    if (difference !== 0 && (difference & 0xff) === 0) bits |= LOCAL_OTHER_EXTRA;
    if ((extra.bits & (EXTRA_UNICODE | EXTRA_BROKEN)) === EXTRA_UNICODE) {
      const name = bytes.subarray(nameStart, extraStart);
      if (hasStaleUnicode(bytes.subarray(extraStart, extraEnd), name)) bits |= LOCAL_STALE_UNICODE;
    }
    return bits;
  };

  /** Compares sizes, after {@link compareExtra} of the same header. */
  const compareSizes = (index: number, view: DataView, at: number): number => {
    const ownCompressed = view.getUint32(at + 18, true);
    const ownSize = view.getUint32(at + 22, true);
    let compressed = ownCompressed;
    let size = ownSize;
    let bits = 0;
    if ((extra.bits & EXTRA_ZIP64) !== 0) {
      let next = extra.zip64At;
      const end = next + extra.zip64Length;
      const needed = (size === SENTINEL_32 ? 8 : 0) + (compressed === SENTINEL_32 ? 8 : 0);
      if (next + needed > end) return LOCAL_DAMAGED;
      if (size === SENTINEL_32) {
        size = getUint64(view, next);
        next += 8;
      }
      if (compressed === SENTINEL_32) compressed = getUint64(view, next);
      // Info-ZIP, writing from a pipe, repeats the header's own sizes in the field.
      const repeats =
        extra.zip64Length === 16 &&
        getUint64(view, extra.zip64At) === ownSize &&
        getUint64(view, extra.zip64At + 8) === ownCompressed;
      if (needed === 0 && extra.zip64Length >= 16 && !repeats) bits |= LOCAL_OTHER_ZIP64;
      if (needed === 16 && extra.zip64Length === 16) bits |= LOCAL_ZIP64;
      else if (!repeats) bits |= LOCAL_ODD_ZIP64;
    }
    const isLate = (view.getUint16(at + 6, true) & FLAG_DATA_DESCRIPTOR) !== 0;
    const { compressedSizes, sizes } = directory;
    // libarchive and JSZip write the size that they know, and only the compressed one behind the data.
    const agrees = (own: number, right: number | undefined): boolean =>
      own === right || (isLate && own === 0);
    if (!agrees(compressed, compressedSizes[index]) || !agrees(size, sizes[index])) bits |= LOCAL_SIZES;
    return bits;
  };

  return (index, block, at) => {
    const { view, length } = block;
    comparison.length = 0;
    comparison.bits = LOCAL_MISSING;
    if (at + LOCAL_HEADER_SIZE > length || view.getUint32(at, true) !== LOCAL_HEADER_SIGNATURE) {
      return comparison;
    }
    comparison.length = LOCAL_HEADER_SIZE + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
    if (at + comparison.length > length) return comparison;
    const centralAt = central.starts[index] as number;
    const flags = view.getUint16(at + 6, true);
    let bits = 0;
    if (view.getUint16(at + 8, true) !== directory.methods[index]) bits |= LOCAL_METHOD;
    if (((flags ^ (directory.flags[index] as number)) & COMPARED_FLAGS) !== 0) bits |= LOCAL_FLAGS;
    if (view.getUint32(at + 10, true) !== central.view.getUint32(centralAt + 12, true)) bits |= LOCAL_TIME;
    if (!hasSameName(block, at, central, centralAt)) bits |= LOCAL_NAME;
    bits |= compareExtra(index, block, at + LOCAL_HEADER_SIZE) | compareSizes(index, view, at);
    const crc = view.getUint32(at + 14, true);
    const isLate = (flags & FLAG_DATA_DESCRIPTOR) !== 0;
    if (crc !== directory.crcs[index] && !(isLate && crc === 0)) bits |= LOCAL_CRC;
    comparison.bits = bits;
    return comparison;
  };
}

/** Encryption, data descriptor and UTF-8: the flags that change how an entry is read. */
const COMPARED_FLAGS = 0x0809;

function hasSameName(local: HeaderBlock, at: number, central: CentralScan, centralAt: number): boolean {
  const length = local.view.getUint16(at + 26, true);
  if (length !== central.view.getUint16(centralAt + 28, true)) return false;
  const start = at + LOCAL_HEADER_SIZE;
  const centralStart = centralAt + CENTRAL_HEADER_SIZE;
  for (let i = 0; i < length; i++) {
    if (local.bytes[start + i] !== central.bytes[centralStart + i]) return false;
  }
  return true;
}

function extraBits(bits: number): number {
  return (
    ((bits & EXTRA_BROKEN) !== 0 ? LOCAL_DAMAGED : 0) |
    ((bits & EXTRA_FOREIGN) !== 0 ? LOCAL_FOREIGN_EXTRA : 0) |
    ((bits & EXTRA_TWICE) !== 0 ? LOCAL_TWICE_EXTRA : 0) |
    ((bits & EXTRA_RAGGED) !== 0 ? LOCAL_RAGGED_EXTRA : 0)
  );
}

/**
 * Whether an extra field has a Unicode name or comment (APPNOTE 4.6.8, 4.6.9) for another name or comment than the
 * header's: readers disagree on which one counts. Local headers have no comment.
 */
export function hasStaleUnicode(extra: Uint8Array, name: Uint8Array, comment?: Uint8Array): boolean {
  for (const { id, data } of parseExtraField(extra)) {
    const about = id === UNICODE_PATH_ID ? name : id === UNICODE_COMMENT_ID ? comment : undefined;
    if (about === undefined) continue;
    if (data.length < 5 || data[0] !== 1 || viewOf(data).getUint32(1, true) !== crc32(about)) return true;
    const text = data.subarray(5);
    // ASCII needs no second encoding, so a different text is a different name.
    if (!isUtf8(text) || (isAscii(text) && !hasBytesAt(text, 0, text.length, about))) return true;
  }
  return false;
}
