import { crc32 } from "../crc32/crc32.js";
import { getUint64, RecordError, SENTINEL_16, SENTINEL_32, setUint64, viewOf } from "./fields.js";

/** One block of an extra field: a 2-byte id, a 2-byte length and the data (APPNOTE 4.5.1). */
interface ExtraBlock {
  readonly id: number;
  readonly data: Uint8Array;
}

/**
 * The blocks of an extra field. Up to three bytes at the end are ignored: zipalign and others pad with them.
 *
 * @throws RecordError when a block is longer than the field
 */
export function* parseExtraField(extra: Uint8Array): Generator<ExtraBlock> {
  const view = viewOf(extra);
  let at = 0;
  while (at + 4 <= extra.length) {
    const id = view.getUint16(at, true);
    const end = at + 4 + view.getUint16(at + 2, true);
    if (end > extra.length) throw new RecordError(TOO_LONG);
    yield { id, data: extra.subarray(at + 4, end) };
    at = end;
  }
}

/**
 * The data of the first block with this id.
 *
 * @throws RecordError when a block is longer than the field
 */
export function findExtraBlock(extra: Uint8Array, id: number): Uint8Array | undefined {
  const view = viewOf(extra);
  const at = findExtraData(view, 0, extra.length, id);
  return at < 0 ? undefined : extra.subarray(at, at + view.getUint16(at - 2, true));
}

/**
 * Where the data of the first block with this id starts, in the extra field at `from..to` of `view`, or -1. The two
 * bytes before it are its length. All blocks are checked, and nothing is allocated, because there may be millions.
 *
 * @throws RecordError when a block is longer than the field
 */
function findExtraData(view: DataView, from: number, to: number, id: number): number {
  let found = -1;
  for (let at = from; at + 4 <= to; ) {
    const end = at + 4 + view.getUint16(at + 2, true);
    if (end > to) throw new RecordError(TOO_LONG);
    if (found < 0 && view.getUint16(at, true) === id) found = at + 4;
    at = end;
  }
  return found;
}

const TOO_LONG = "a block of an extra field is longer than the field";

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

/** Bytes of the field in the local headers that we write: both sizes, as APPNOTE requires. */
export const LOCAL_ZIP64_EXTRA_SIZE = 20;
/** Bytes of the field in the central headers that we write: both sizes and the offset. */
export const CENTRAL_ZIP64_EXTRA_SIZE = 28;

/** The fields of a header that can be in the extra field. */
export interface Zip64Fields {
  size: number;
  compressedSize: number;
  headerOffset: number;
  disk: number;
}

/**
 * The fields with sentinels replaced by the values in the extra field; the same object where there are none. A sentinel
 * without a ZIP64 field is the literal value: Info-ZIP and libarchive write a size of 4,294,967,295 like that.
 *
 * @throws RecordError when a ZIP64 field lacks a value for a sentinel
 */
export function resolveZip64(fields: Readonly<Zip64Fields>, extra: Uint8Array): Readonly<Zip64Fields> {
  const resolved = { ...fields };
  return resolveZip64At(resolved, viewOf(extra), 0, extra.length) ? resolved : fields;
}

/**
 * Like {@link resolveZip64}, in place, with the extra field at `from..to` of `view`.
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

/** Writes the field with 64-bit values, in APPNOTE's order; returns the position after it. */
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

/**
 * Info-ZIP Unicode Path extra field (APPNOTE 4.6.9), the name in UTF-8 from writers that do not set flag bit 11.
 *
 * ```
 * 0  2  id 0x7075
 * 2  2  length of what follows
 * 4  1  version, 1
 * 5  4  CRC-32 of the name in the header
 * 9  .  the name in UTF-8
 * ```
 */
export const UNICODE_PATH_ID = 0x7075;
/** Info-ZIP Unicode Comment extra field (APPNOTE 4.6.8), of the same form. */
export const UNICODE_COMMENT_ID = 0x6375;

/**
 * The name in the first such field whose CRC is that of `name`. Fields with another CRC are ignored: a program that did
 * not know the field has renamed the entry.
 */
export function parseUnicodePath(extra: Uint8Array, name: Uint8Array): Uint8Array | undefined {
  if (findExtraBlock(extra, UNICODE_PATH_ID) === undefined) return undefined;
  for (const { id, data } of parseExtraField(extra)) {
    if (id !== UNICODE_PATH_ID || data.length < 6 || data[0] !== 1) continue;
    if (viewOf(data).getUint32(1, true) === crc32(name)) return data.subarray(5);
  }
  return undefined;
}
