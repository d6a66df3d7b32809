import { crc32 } from "../crc32/crc32.js";
import { isAscii, isUtf8 } from "../directory/central-directory.js";
import type { ZipArchive } from "../read/archive.js";
import { CENTRAL_HEADER_SIZE } from "../records/central-header.js";
import { parseExtraField, UNICODE_PATH_ID } from "../records/extra-fields.js";
import { FLAG_DATA_DESCRIPTOR, getUint64, SENTINEL_32, viewOf } from "../records/fields.js";
import { LOCAL_HEADER_SIGNATURE, LOCAL_HEADER_SIZE } from "../records/local-header.js";
import {
  type CentralScan,
  EXTRA_BROKEN,
  EXTRA_FOREIGN,
  EXTRA_RAGGED,
  EXTRA_TWICE,
  EXTRA_UNICODE,
  EXTRA_ZIP64,
  scanExtra,
  scannedExtra,
} from "./scan-central.js";

/** There is no local header where the directory points. */
export const LOCAL_MISSING = 1;
/** Its extra field contradicts itself. */
export const LOCAL_DAMAGED = 1 << 1;
/** Header and data do not lie before the directory. */
export const LOCAL_OUTSIDE = 1 << 2;
/** What differs from the central header. */
export const LOCAL_NAME = 1 << 3;
export const LOCAL_METHOD = 1 << 4;
export const LOCAL_FLAGS = 1 << 5;
export const LOCAL_SIZES = 1 << 6;
export const LOCAL_CRC = 1 << 7;
export const LOCAL_TIME = 1 << 8;
/** It has both sizes in a ZIP64 field, with the sentinels that say so. */
export const LOCAL_ZIP64 = 1 << 9;
/** It has a ZIP64 field of another form than APPNOTE 4.5.3 gives it. */
export const LOCAL_ODD_ZIP64 = 1 << 10;
export const LOCAL_FOREIGN_EXTRA = 1 << 11;
export const LOCAL_TWICE_EXTRA = 1 << 12;
export const LOCAL_RAGGED_EXTRA = 1 << 13;
/** It has a Unicode name that belongs to another name. */
export const LOCAL_STALE_UNICODE = 1 << 14;
/** The data descriptor says something else than the directory. */
export const LOCAL_DESCRIPTOR_WRONG = 1 << 15;
/** Its extra field has as many blocks as the central header's, and other ones. */
export const LOCAL_OTHER_EXTRA = 1 << 16;

/** What was seen of a header; one object is used again and again. */
export interface LocalHeaderScan {
  bits: number;
  /** Bytes of the whole header, or 0 where there is none. Where they are more than were given, only `length` counts. */
  length: number;
}

/**
 * Compares the local header at `at` (APPNOTE 4.3.7) with entry `index` of the directory; `limit` is where the bytes
 * end that were read. Nothing is allocated: there may be millions.
 */
export function compareLocalHeader(
  { directory }: ZipArchive,
  central: CentralScan,
  index: number,
  view: DataView,
  bytes: Uint8Array,
  at: number,
  limit: number,
  inspected: LocalHeaderScan,
): void {
  inspected.length = 0;
  inspected.bits = LOCAL_MISSING;
  if (at + LOCAL_HEADER_SIZE > limit || view.getUint32(at, true) !== LOCAL_HEADER_SIGNATURE) return;
  const nameLength = view.getUint16(at + 26, true);
  const extraStart = at + LOCAL_HEADER_SIZE + nameLength;
  const extraEnd = extraStart + view.getUint16(at + 28, true);
  inspected.length = extraEnd - at;
  if (extraEnd > limit) return;
  const centralAt = central.starts[index] as number;
  const flags = view.getUint16(at + 6, true);
  let bits = 0;
  if (view.getUint16(at + 8, true) !== directory.methods[index]) bits |= LOCAL_METHOD;
  if (((flags ^ (directory.flags[index] as number)) & COMPARED_FLAGS) !== 0) bits |= LOCAL_FLAGS;
  if (view.getUint32(at + 10, true) !== central.view.getUint32(centralAt + 12, true)) bits |= LOCAL_TIME;
  if (!sameName(bytes, at + LOCAL_HEADER_SIZE, nameLength, central, centralAt)) bits |= LOCAL_NAME;
  const late = (flags & FLAG_DATA_DESCRIPTOR) !== 0;
  scanExtra(view, extraStart, extraEnd, scannedLocal);
  bits |= extraBits(scannedLocal.bits);
  // Many writers put a block into one of the headers only; as many blocks in both are the same ones.
  const difference = scannedLocal.others ^ (central.others[index] as number);
  if (difference !== 0 && (difference & 0xff) === 0) bits |= LOCAL_OTHER_EXTRA;
  if ((scannedLocal.bits & (EXTRA_UNICODE | EXTRA_BROKEN)) === EXTRA_UNICODE) {
    const name = bytes.subarray(at + LOCAL_HEADER_SIZE, extraStart);
    if (hasStaleUnicode(bytes.subarray(extraStart, extraEnd), name)) bits |= LOCAL_STALE_UNICODE;
  }
  const sizes = readSizes(view, at);
  if (sizes === undefined) bits |= LOCAL_DAMAGED;
  else {
    const both =
      view.getUint32(at + 18, true) === SENTINEL_32 && view.getUint32(at + 22, true) === SENTINEL_32;
    if ((scannedLocal.bits & EXTRA_ZIP64) !== 0) {
      if (both && scannedLocal.zip64Length === 16) bits |= LOCAL_ZIP64;
      else if (!repeatsSizes(view, at)) bits |= LOCAL_ODD_ZIP64;
    }
    const { compressedSizes, sizes: centralSizes } = directory;
    const zeros = late && sizes.compressed === 0 && sizes.size === 0;
    if (!zeros && (sizes.compressed !== compressedSizes[index] || sizes.size !== centralSizes[index])) {
      bits |= LOCAL_SIZES;
    }
  }
  const crc = view.getUint32(at + 14, true);
  if (crc !== directory.crcs[index] && !(late && crc === 0)) bits |= LOCAL_CRC;
  inspected.bits = bits;
}

/** Encryption, data descriptor and UTF-8: what decides how the entry is read. */
const COMPARED_FLAGS = 0x0809;

function sameName(
  bytes: Uint8Array,
  start: number,
  length: number,
  { bytes: centralBytes, view }: CentralScan,
  centralAt: number,
): boolean {
  if (length !== view.getUint16(centralAt + 28, true)) return false;
  const centralStart = centralAt + CENTRAL_HEADER_SIZE;
  for (let i = 0; i < length; i++) if (bytes[start + i] !== centralBytes[centralStart + i]) return false;
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

const scannedLocal = scannedExtra();
const readSizesOf = { compressed: 0, size: 0 };

/** Whether a ZIP64 field only says once more what the header at `at` says: Info-ZIP writes it so from a pipe. */
function repeatsSizes(view: DataView, at: number): boolean {
  return (
    scannedLocal.zip64Length === 16 &&
    getUint64(view, scannedLocal.zip64At) === view.getUint32(at + 22, true) &&
    getUint64(view, scannedLocal.zip64At + 8) === view.getUint32(at + 18, true)
  );
}

/** The sizes of the header at `at`, whose extra field has just been scanned; undefined where one is missing. */
function readSizes(view: DataView, at: number): typeof readSizesOf | undefined {
  readSizesOf.compressed = view.getUint32(at + 18, true);
  readSizesOf.size = view.getUint32(at + 22, true);
  if ((scannedLocal.bits & EXTRA_ZIP64) === 0) return readSizesOf;
  let next = scannedLocal.zip64At;
  const end = next + scannedLocal.zip64Length;
  for (const field of ["size", "compressed"] as const) {
    if (readSizesOf[field] !== SENTINEL_32) continue;
    if (next + 8 > end) return undefined;
    readSizesOf[field] = getUint64(view, next);
    next += 8;
  }
  return readSizesOf;
}

/** An Info-ZIP Unicode comment is built as the path is (APPNOTE 4.6.8, 4.6.9). */
const UNICODE_COMMENT_ID = 0x6375;

/**
 * Whether an extra field has a Unicode name or comment that belongs to another name or comment than the header
 * has: some readers go by the one and some by the other. Local headers have no comment.
 */
export function hasStaleUnicode(extra: Uint8Array, name: Uint8Array, comment?: Uint8Array): boolean {
  for (const { id, data } of parseExtraField(extra)) {
    const about = id === UNICODE_PATH_ID ? name : id === UNICODE_COMMENT_ID ? comment : undefined;
    if (about === undefined) continue;
    if (data.length < 5 || data[0] !== 1 || viewOf(data).getUint32(1, true) !== crc32(about)) return true;
    const text = data.subarray(5);
    // A text of ASCII can be written in the header itself: another one there is another name.
    if (!isUtf8(text) || (isAscii(text) && !sameBytes(text, about))) return true;
  }
  return false;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
