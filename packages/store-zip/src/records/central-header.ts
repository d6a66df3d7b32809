import {
  CENTRAL_ZIP64_EXTRA_SIZE,
  resolveZip64At,
  writeZip64Extra,
  type Zip64Fields,
} from "./extra-fields.js";
import {
  FIXED_DOS_DATE,
  FIXED_DOS_TIME,
  MAX_TEXT_LENGTH,
  METHOD_STORED,
  RecordError,
  SENTINEL_32,
  VERSION_MADE_BY,
  VERSION_ZIP64,
  viewOf,
} from "./fields.js";
import type { StoredEntry } from "./local-header.js";

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
/** With the longest name, extra field and comment. */
export const LONGEST_CENTRAL_HEADER = CENTRAL_HEADER_SIZE + 3 * MAX_TEXT_LENGTH;

/** The numbers of a central header, with ZIP64 values resolved. */
interface CentralNumbers extends Zip64Fields {
  madeBy: number;
  flags: number;
  method: number;
  crc: number;
  externalAttributes: number;
  nameLength: number;
  extraLength: number;
  /** Whether any field's value comes from a ZIP64 extra field. */
  zip64: boolean;
  /** Bytes of the whole header. */
  length: number;
}

/** A central header with views of its name and extra field. */
interface CentralHeader extends Readonly<CentralNumbers> {
  readonly name: Uint8Array;
  readonly extra: Uint8Array;
}

/**
 * Parses the header at `at`.
 *
 * @throws RecordError when there is no header, it is truncated, or its extra field contradicts itself
 */
export function parseCentralHeader(bytes: Uint8Array, at = 0, view: DataView = viewOf(bytes)): CentralHeader {
  const numbers = centralNumbers();
  if (!readCentralHeader(view, at, numbers)) {
    throw new RecordError(
      at + CENTRAL_HEADER_SIZE > bytes.length
        ? "the central directory is truncated"
        : "a record reaches beyond the central directory",
    );
  }
  const nameStart = at + CENTRAL_HEADER_SIZE;
  const nameEnd = nameStart + numbers.nameLength;
  return {
    ...numbers,
    name: bytes.subarray(nameStart, nameEnd),
    extra: bytes.subarray(nameEnd, nameEnd + numbers.extraLength),
  };
}

/** An object for {@link readCentralHeader} to fill. */
export function centralNumbers(): CentralNumbers {
  return {
    madeBy: 0,
    flags: 0,
    method: 0,
    crc: 0,
    // An initial value beyond 2^31 makes the engine choose a representation for such numbers at once.
    compressedSize: SENTINEL_32,
    size: SENTINEL_32,
    disk: 0,
    externalAttributes: SENTINEL_32,
    headerOffset: SENTINEL_32,
    nameLength: 0,
    extraLength: 0,
    zip64: false,
    length: 0,
  };
}

/**
 * Reads the numbers of the header at `at` into an object that is reused, so that a million headers leave no garbage.
 *
 * @returns false when the view ends before the header does
 * @throws RecordError when there is no header, or its extra field contradicts itself
 */
export function readCentralHeader(view: DataView, at: number, into: CentralNumbers): boolean {
  if (at + CENTRAL_HEADER_SIZE > view.byteLength) return false;
  if (view.getUint32(at, true) !== CENTRAL_HEADER_SIGNATURE) {
    throw new RecordError("a record of the central directory lacks its signature");
  }
  into.nameLength = view.getUint16(at + 28, true);
  into.extraLength = view.getUint16(at + 30, true);
  into.length = CENTRAL_HEADER_SIZE + into.nameLength + into.extraLength + view.getUint16(at + 32, true);
  if (at + into.length > view.byteLength) return false;
  into.madeBy = view.getUint16(at + 4, true);
  into.flags = view.getUint16(at + 8, true);
  into.method = view.getUint16(at + 10, true);
  into.crc = view.getUint32(at + 16, true);
  into.compressedSize = view.getUint32(at + 20, true);
  into.size = view.getUint32(at + 24, true);
  into.disk = view.getUint16(at + 34, true);
  into.externalAttributes = view.getUint32(at + 38, true);
  into.headerOffset = view.getUint32(at + 42, true);
  const extra = at + CENTRAL_HEADER_SIZE + into.nameLength;
  into.zip64 = into.extraLength > 0 && resolveZip64At(into, view, extra, extra + into.extraLength);
  return true;
}

/** Bytes of the header that {@link writeCentralHeader} writes. */
export function writtenCentralHeaderSize(nameLength: number): number {
  return CENTRAL_HEADER_SIZE + nameLength + CENTRAL_ZIP64_EXTRA_SIZE;
}

/** A stored entry, and where its local header starts in the file. */
export interface LocatedEntry extends StoredEntry {
  readonly headerOffset: number;
}

/** Writes the header of a stored entry, sizes and offset in the ZIP64 field; returns the position after it. */
export function writeCentralHeader(view: DataView, at: number, entry: LocatedEntry): number {
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

/** The Unix mode of a regular file, in the upper half of the external attributes. */
const REGULAR_FILE_0644 = 0o100644 * 0x1_0000;

/** Whether the external attributes say that the entry is a symbolic link (Unix mode S_IFLNK). */
export function isSymbolicLink({
  madeBy,
  externalAttributes,
}: Pick<CentralNumbers, "madeBy" | "externalAttributes">): boolean {
  return (madeBy >> 8 === UNIX || madeBy >> 8 === DARWIN) && externalAttributes >>> 28 === 0o12;
}

/** Host systems whose external attributes hold a Unix mode (APPNOTE 4.4.2.2). */
const UNIX = 3;
const DARWIN = 19;
