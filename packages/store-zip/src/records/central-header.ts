import { RecordError, SENTINEL_32, viewOf } from "./fields.js";
import { FIXED_DOS_DATE, FIXED_DOS_TIME, METHOD_STORED, VERSION_MADE_BY, VERSION_ZIP64 } from "./flags.js";
import type { StoredEntry } from "./local-header.js";
import { CENTRAL_ZIP64_EXTRA_SIZE, resolveZip64, writeZip64Extra } from "./zip64-extra.js";

/**
 * Central directory file header (APPNOTE 4.3.12).
 *
 * ```
 *  0  4  signature PK\1\2      24  4  size
 *  4  2  version made by       28  2  name length
 *  6  2  version needed        30  2  extra length
 *  8  2  flags                 32  2  comment length
 * 10  2  method                34  2  disk
 * 12  2  time                  36  2  internal attributes
 * 14  2  date                  38  4  external attributes
 * 16  4  CRC-32                42  4  header offset
 * 20  4  compressed size       46  .  name, extra field, comment
 * ```
 */
export const CENTRAL_HEADER_SIGNATURE = 0x02014b50;
/** Bytes before the name. */
export const CENTRAL_HEADER_SIZE = 46;

export interface CentralHeader {
  readonly madeBy: number;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly disk: number;
  readonly externalAttributes: number;
  readonly headerOffset: number;
  readonly name: Uint8Array;
  readonly extra: Uint8Array;
  /** Whether any field's value comes from a ZIP64 extra field. */
  readonly zip64: boolean;
  /** Bytes of the whole header. */
  readonly length: number;
}

/**
 * Parses the header at `at`.
 *
 * @throws RecordError when there is none, it is cut short, or its extra field contradicts itself
 */
export function parseCentralHeader(bytes: Uint8Array, at = 0, view: DataView = viewOf(bytes)): CentralHeader {
  if (at + CENTRAL_HEADER_SIZE > bytes.length) throw new RecordError("the central directory is cut short");
  if (view.getUint32(at, true) !== CENTRAL_HEADER_SIGNATURE) {
    throw new RecordError("a record of the central directory lacks its signature");
  }
  const nameEnd = at + CENTRAL_HEADER_SIZE + view.getUint16(at + 28, true);
  const extraEnd = nameEnd + view.getUint16(at + 30, true);
  const end = extraEnd + view.getUint16(at + 32, true);
  if (end > bytes.length) throw new RecordError("a record reaches beyond the central directory");
  const extra = bytes.subarray(nameEnd, extraEnd);
  const plain = {
    size: view.getUint32(at + 24, true),
    compressedSize: view.getUint32(at + 20, true),
    headerOffset: view.getUint32(at + 42, true),
    disk: view.getUint16(at + 34, true),
  };
  const resolved = resolveZip64(plain, extra);
  return {
    madeBy: view.getUint16(at + 4, true),
    flags: view.getUint16(at + 8, true),
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    ...resolved,
    externalAttributes: view.getUint32(at + 38, true),
    name: bytes.subarray(at + CENTRAL_HEADER_SIZE, nameEnd),
    extra,
    zip64: resolved !== plain,
    length: end - at,
  };
}

/** Bytes of the header that {@link writeCentralHeader} writes. */
export function writtenCentralHeaderSize(nameLength: number): number {
  return CENTRAL_HEADER_SIZE + nameLength + CENTRAL_ZIP64_EXTRA_SIZE;
}

/** Writes the header of a stored entry, sizes and offset in the ZIP64 field; returns the position after it. */
export function writeCentralHeader(
  view: DataView,
  at: number,
  entry: StoredEntry & { readonly headerOffset: number },
): number {
  view.setUint32(at, CENTRAL_HEADER_SIGNATURE, true);
  view.setUint16(at + 4, VERSION_MADE_BY, true);
  view.setUint16(at + 6, VERSION_ZIP64, true);
  view.setUint16(at + 8, entry.flags, true);
  view.setUint16(at + 10, METHOD_STORED, true);
  view.setUint16(at + 12, FIXED_DOS_TIME, true);
  view.setUint16(at + 14, FIXED_DOS_DATE, true);
  view.setUint32(at + 16, entry.crc, true);
  view.setUint32(at + 20, SENTINEL_32, true);
  view.setUint32(at + 24, SENTINEL_32, true);
  view.setUint16(at + 28, entry.name.length, true);
  view.setUint16(at + 30, CENTRAL_ZIP64_EXTRA_SIZE, true);
  view.setUint16(at + 32, 0, true);
  view.setUint16(at + 34, 0, true);
  view.setUint16(at + 36, 0, true);
  view.setUint32(at + 38, REGULAR_FILE_0644, true);
  view.setUint32(at + 42, SENTINEL_32, true);
  new Uint8Array(view.buffer, view.byteOffset).set(entry.name, at + CENTRAL_HEADER_SIZE);
  return writeZip64Extra(view, at + CENTRAL_HEADER_SIZE + entry.name.length, [
    entry.size,
    entry.size,
    entry.headerOffset,
  ]);
}

/** Unix mode in the upper half (made by Unix): a regular file that its owner may write and all may read. */
const REGULAR_FILE_0644 = 0o100644 * 0x1_0000;

/** Whether the external attributes say that the entry is a symbolic link (Unix mode S_IFLNK). */
export function isSymbolicLink({ madeBy, externalAttributes }: CentralHeader): boolean {
  return (madeBy >> 8 === UNIX || madeBy >> 8 === DARWIN) && externalAttributes >>> 28 === 0o12;
}

/** Systems whose external attributes hold a Unix mode (APPNOTE 4.4.2.2). */
const UNIX = 3;
const DARWIN = 19;
