import {
  getUint64,
  MAX_TEXT_LENGTH,
  RecordError,
  SENTINEL_16,
  SENTINEL_32,
  setUint64,
  VERSION_MADE_BY,
  VERSION_ZIP64,
  viewOf,
} from "./fields.js";

/**
 * End of central directory record (APPNOTE 4.3.16).
 *
 * ```
 *  0  4  signature PK\5\6               10  2  entries in all
 *  4  2  this disk                      12  4  size of the central directory
 *  6  2  disk where the directory is    16  4  offset of the central directory
 *  8  2  entries on this disk           20  2  comment length
 *                                       22  .  comment, to the end of the file
 * ```
 */
export const END_SIGNATURE = 0x06054b50;
/** Bytes before the comment. */
export const END_SIZE = 22;
/** The largest distance of the record's start from the end of the file. */
export const MAX_END_DISTANCE = END_SIZE + MAX_TEXT_LENGTH;

/** Where the end records say that the central directory is. */
export interface DirectoryExtent {
  readonly entries: number;
  readonly directorySize: number;
  readonly directoryOffset: number;
}

/** The fields of both kinds of end record. */
export interface EndRecord extends DirectoryExtent {
  readonly disk: number;
  readonly directoryDisk: number;
  readonly entriesOnDisk: number;
}

/** The classic end record. */
export interface EndOfCentralDirectory extends EndRecord {
  readonly comment: Uint8Array;
}

/**
 * Where in `tail`, the last bytes of a file, records start whose comment ends with the file, the last one first. There
 * is one in a well-formed archive, and several in one that is crafted to be read in two ways. Other signatures are
 * part of a comment. One pass, however many signatures there are.
 */
export function findEnds(tail: Uint8Array): number[] {
  const view = viewOf(tail);
  const found: number[] = [];
  const first = Math.max(0, tail.length - MAX_END_DISTANCE);
  for (let at = tail.length - END_SIZE; at >= first; at--) {
    if (tail[at] !== 0x50 || view.getUint32(at, true) !== END_SIGNATURE) continue;
    if (at + END_SIZE + view.getUint16(at + 20, true) === tail.length) found.push(at);
  }
  return found;
}

/** Parses the record at `at`, found by {@link findEnds}. */
export function parseEnd(bytes: Uint8Array, at: number): EndOfCentralDirectory {
  const view = viewOf(bytes);
  return {
    disk: view.getUint16(at + 4, true),
    directoryDisk: view.getUint16(at + 6, true),
    entriesOnDisk: view.getUint16(at + 8, true),
    entries: view.getUint16(at + 10, true),
    directorySize: view.getUint32(at + 12, true),
    directoryOffset: view.getUint32(at + 16, true),
    comment: bytes.subarray(at + END_SIZE, at + END_SIZE + view.getUint16(at + 20, true)),
  };
}

/** Whether any field is a sentinel for a value in the ZIP64 record. */
export function pointsToZip64(end: EndOfCentralDirectory): boolean {
  return (
    end.disk === SENTINEL_16 ||
    end.directoryDisk === SENTINEL_16 ||
    end.entriesOnDisk === SENTINEL_16 ||
    end.entries === SENTINEL_16 ||
    end.directorySize === SENTINEL_32 ||
    end.directoryOffset === SENTINEL_32
  );
}

/** Writes the record with sentinels for all counts and offsets; returns the position after it. */
export function writeEnd(view: DataView, at: number, comment: Uint8Array): number {
  view.setUint32(at, END_SIGNATURE, true);
  // Disk numbers are 0: readers without ZIP64 would take sentinels for a spanned archive.
  view.setUint16(at + 4, 0, true);
  view.setUint16(at + 6, 0, true);
  view.setUint16(at + 8, SENTINEL_16, true);
  view.setUint16(at + 10, SENTINEL_16, true);
  view.setUint32(at + 12, SENTINEL_32, true);
  view.setUint32(at + 16, SENTINEL_32, true);
  view.setUint16(at + 20, comment.length, true);
  new Uint8Array(view.buffer, view.byteOffset).set(comment, at + END_SIZE);
  return at + END_SIZE + comment.length;
}

/**
 * ZIP64 end of central directory record (APPNOTE 4.3.14).
 *
 * ```
 *  0  4  signature PK\6\6          24  8  entries on this disk
 *  4  8  bytes after this field    32  8  entries in all
 * 12  2  version made by           40  8  size of the central directory
 * 14  2  version needed            48  8  offset of the central directory
 * 16  4  this disk                 56  .  extensible data sector
 * 20  4  disk of the directory
 * ```
 */
export const ZIP64_END_SIGNATURE = 0x06064b50;
/** Bytes before the extensible data sector. */
export const ZIP64_END_SIZE = 56;

/** The ZIP64 end record. */
export interface Zip64End extends EndRecord {
  /** Bytes of the whole record by its own length field, the extensible data sector included. */
  readonly length: number;
}

/**
 * Parses the record at the start of `bytes`.
 *
 * @throws RecordError when there is no record
 */
export function parseZip64End(bytes: Uint8Array): Zip64End {
  const view = viewOf(bytes);
  if (bytes.length < ZIP64_END_SIZE || view.getUint32(0, true) !== ZIP64_END_SIGNATURE) {
    throw new RecordError("there is no ZIP64 end of central directory record where its locator points");
  }
  return {
    disk: view.getUint32(16, true),
    directoryDisk: view.getUint32(20, true),
    entriesOnDisk: getUint64(view, 24),
    entries: getUint64(view, 32),
    directorySize: getUint64(view, 40),
    directoryOffset: getUint64(view, 48),
    length: 12 + getUint64(view, 4),
  };
}

/** Writes the record without an extensible data sector; returns the position after it. */
export function writeZip64End(view: DataView, at: number, extent: DirectoryExtent): number {
  view.setUint32(at, ZIP64_END_SIGNATURE, true);
  setUint64(view, at + 4, ZIP64_END_SIZE - 12);
  view.setUint16(at + 12, VERSION_MADE_BY, true);
  view.setUint16(at + 14, VERSION_ZIP64, true);
  view.setUint32(at + 16, 0, true);
  view.setUint32(at + 20, 0, true);
  setUint64(view, at + 24, extent.entries);
  setUint64(view, at + 32, extent.entries);
  setUint64(view, at + 40, extent.directorySize);
  setUint64(view, at + 48, extent.directoryOffset);
  return at + ZIP64_END_SIZE;
}

/**
 * ZIP64 end of central directory locator (APPNOTE 4.3.15), directly before the end record.
 *
 * ```
 * 0  4  signature PK\6\7
 * 4  4  disk of the ZIP64 end record
 * 8  8  offset of the ZIP64 end record
 * 16 4  number of disks
 * ```
 */
const ZIP64_LOCATOR_SIGNATURE = 0x07064b50;
export const ZIP64_LOCATOR_SIZE = 20;

interface Zip64Locator {
  readonly disk: number;
  readonly endOffset: number;
  readonly disks: number;
}

/** Parses the locator at `at`; undefined where there is no locator. */
export function parseZip64Locator(bytes: Uint8Array, at: number): Zip64Locator | undefined {
  if (at < 0 || at + ZIP64_LOCATOR_SIZE > bytes.length) return undefined;
  const view = viewOf(bytes);
  if (view.getUint32(at, true) !== ZIP64_LOCATOR_SIGNATURE) return undefined;
  return {
    disk: view.getUint32(at + 4, true),
    endOffset: getUint64(view, at + 8),
    disks: view.getUint32(at + 16, true),
  };
}

/** Writes the locator of a single-disk archive; returns the position after it. */
export function writeZip64Locator(view: DataView, at: number, endOffset: number): number {
  view.setUint32(at, ZIP64_LOCATOR_SIGNATURE, true);
  view.setUint32(at + 4, 0, true);
  setUint64(view, at + 8, endOffset);
  view.setUint32(at + 16, 1, true);
  return at + ZIP64_LOCATOR_SIZE;
}

/** Bytes of {@link endRecords} without a comment. */
export const END_RECORDS_SIZE = ZIP64_END_SIZE + ZIP64_LOCATOR_SIZE + END_SIZE;

/** ZIP64 end record, locator and end record of a directory, for `position` in the file. */
export function endRecords(
  directory: DirectoryExtent,
  position: number,
  comment: Uint8Array = NOTHING,
): Uint8Array {
  const bytes = new Uint8Array(END_RECORDS_SIZE + comment.length);
  const view = viewOf(bytes);
  let at = writeZip64End(view, 0, directory);
  at = writeZip64Locator(view, at, position);
  writeEnd(view, at, comment);
  return bytes;
}

const NOTHING = new Uint8Array(0);

/** At the start of the first part of a spanned archive (APPNOTE 8.5.3). */
export const SPANNED_SIGNATURE = 0x08074b50;
/** At the start of an archive that was to be spanned and needed only one part (APPNOTE 8.5.4). */
export const SPANNED_ONCE_SIGNATURE = 0x30304b50;
