import { findExtraData } from "./extra-field.js";
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
  size: number;
  compressedSize: number;
  headerOffset: number;
  disk: number;
}

/**
 * The fields with those that hold their sentinel replaced by the values in the extra field; the same object where
 * none is. A sentinel without a ZIP64 field is the literal value: Info-ZIP and libarchive write a size of exactly
 * 4,294,967,295 so.
 *
 * @throws RecordError when there is a ZIP64 field that lacks a value it must have
 */
export function resolveZip64(fields: Readonly<Zip64Fields>, extra: Uint8Array): Readonly<Zip64Fields> {
  const resolved = { ...fields };
  return resolveZip64At(resolved, viewOf(extra), 0, extra.length) ? resolved : fields;
}

/**
 * Like {@link resolveZip64}, in place and of the extra field at `from..to` of a view.
 *
 * @returns whether any value was replaced
 */
export function resolveZip64At(fields: Zip64Fields, view: DataView, from: number, to: number): boolean {
  const { size, compressedSize, headerOffset, disk } = fields;
  const start = findExtraData(view, from, to, ZIP64_EXTRA_ID);
  if (start < 0) return false;
  const end = start + view.getUint16(start - 2, true);
  let at = start;
  if (size === SENTINEL_32) {
    fields.size = valueAt(view, at, end, "size");
    at += 8;
  }
  if (compressedSize === SENTINEL_32) {
    fields.compressedSize = valueAt(view, at, end, "compressed size");
    at += 8;
  }
  if (headerOffset === SENTINEL_32) {
    fields.headerOffset = valueAt(view, at, end, "header offset");
    at += 8;
  }
  if (disk === SENTINEL_16) {
    if (at + 4 > end) throw lacking("disk number");
    fields.disk = view.getUint32(at, true);
    at += 4;
  }
  return at > start;
}

function valueAt(view: DataView, at: number, end: number, name: string): number {
  if (at + 8 > end) throw lacking(name);
  return getUint64(view, at);
}

function lacking(name: string): RecordError {
  return new RecordError(`the ZIP64 extra field lacks the ${name}`);
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
