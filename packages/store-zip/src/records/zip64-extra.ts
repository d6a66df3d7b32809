import { findExtraBlock } from "./extra-field.js";
import { getUint64, RecordError, SENTINEL_16, SENTINEL_32, setUint64, viewOf } from "./fields.js";

/**
 * ZIP64 extended information extra field (APPNOTE 4.5.3).
 *
 * ```
 * 0  2  id 0x0001
 * 2  2  length of what follows
 * 4  8  size              \
 *    8  compressed size    | each only where the header's own field holds its sentinel;
 *    8  header offset      | the last two in the central directory only
 *    4  disk              /
 * ```
 */
export const ZIP64_EXTRA_ID = 0x0001;

/** Bytes of the field as we write it into local headers: both sizes, as APPNOTE demands there. */
export const LOCAL_ZIP64_EXTRA_SIZE = 20;
/** Bytes of the field as we write it into central headers: both sizes and the offset. */
export const CENTRAL_ZIP64_EXTRA_SIZE = 28;

/** The fields of a header that the extra field can stand in for. */
export interface Zip64Fields {
  readonly size: number;
  readonly compressedSize: number;
  readonly headerOffset: number;
  readonly disk: number;
}

/**
 * Replaces the fields that hold their sentinel by the values in the extra field. A sentinel without a ZIP64
 * field is the literal value: Info-ZIP and libarchive write a size of exactly 4,294,967,295 so.
 *
 * @throws RecordError when there is a ZIP64 field that lacks a value it must have
 */
export function resolveZip64(fields: Zip64Fields, extra: Uint8Array): Zip64Fields {
  const { size, compressedSize, headerOffset, disk } = fields;
  const large =
    size === SENTINEL_32 ||
    compressedSize === SENTINEL_32 ||
    headerOffset === SENTINEL_32 ||
    disk === SENTINEL_16;
  const data = findExtraBlock(extra, ZIP64_EXTRA_ID);
  if (!large || data === undefined) return fields;
  const view = viewOf(data);
  let at = 0;
  const next = (bytes: 4 | 8, name: string): number => {
    if (at + bytes > view.byteLength) throw new RecordError(`the ZIP64 extra field lacks the ${name}`);
    const value = bytes === 8 ? getUint64(view, at) : view.getUint32(at, true);
    at += bytes;
    return value;
  };
  return {
    size: size === SENTINEL_32 ? next(8, "size") : size,
    compressedSize: compressedSize === SENTINEL_32 ? next(8, "compressed size") : compressedSize,
    headerOffset: headerOffset === SENTINEL_32 ? next(8, "header offset") : headerOffset,
    disk: disk === SENTINEL_16 ? next(4, "disk number") : disk,
  };
}

/** Writes the field with the values given, in APPNOTE's order; returns the position after it. */
export function writeZip64Extra(view: DataView, at: number, values: readonly number[]): number {
  view.setUint16(at, ZIP64_EXTRA_ID, true);
  view.setUint16(at + 2, values.length * 8, true);
  let end = at + 4;
  for (const value of values) {
    setUint64(view, end, value);
    end += 8;
  }
  return end;
}
