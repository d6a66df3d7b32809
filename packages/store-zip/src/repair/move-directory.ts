import { type DirectoryExtent, END_RECORDS_SIZE, endRecords } from "../records/end-records.js";

/** A file that is repaired or extended in place. */
export interface TailFile {
  /** Writes at any position. Beyond the end the file grows, with zeros in between. */
  write(position: number, bytes: Uint8Array): Promise<void>;
  /** Makes everything that was written durable. */
  sync(): Promise<void>;
  /** Truncates the file to `size` bytes. */
  truncate(size: number): Promise<void>;
}

/** A central directory and its position. */
export interface LocatedDirectory {
  readonly bytes: Uint8Array;
  /** The number of entries. */
  readonly entries: number;
  /** Where it starts in the file. */
  readonly offset: number;
}

/**
 * Moves the current directory further back, so that there is free space before it:
 *
 * ```
 *     data | directory, end |
 *  1  data | directory, end | zeros                       | end → first directory   (one sector, file grows)
 *  2  data | directory, end | zeros, copy, its end, zeros | end → first directory   (in the gap)
 *  3  data | directory, end | zeros, copy, its end                                  (truncated: the copy is current)
 * ```
 *
 * If the process is killed or power is lost at any moment, the file ends with a valid end record, because every change
 * is one of these:
 *
 * - a write into a gap that no reader of the file uses at that moment; it does not matter how much of it is stored, or
 *   in which order;
 * - a write of end records without a comment, 98 bytes within one sector of 512 bytes and one page, which are stored
 *   completely or not at all, as is the length that they give to the file;
 * - a truncation, which is atomic too.
 *
 * Each step is synced before the next. Readers that locate the directory only by its size, such as Python's zipfile,
 * cannot read the file between steps 1 and 3, which takes two syncs.
 *
 * @param position at or beyond the end of the file
 * @returns the copy, at `position`, and the new end of the file
 */
export async function moveDirectory(
  file: TailFile,
  directory: LocatedDirectory,
  position: number,
): Promise<LocatedDirectory & { readonly end: number }> {
  const { bytes } = directory;
  const copy = { ...directory, offset: position };
  const endAt = position + bytes.length;
  const end = endAt + END_RECORDS_SIZE;
  // Readers first look for a directory directly before an end record, so there must be only zeros.
  const far = withinSector(end + bytes.length);
  await file.write(far, endRecords(extentOf(directory), far));
  await file.sync();
  await writePieces(file, position, bytes);
  await file.write(endAt, endRecords(extentOf(copy), endAt));
  await file.sync();
  await file.truncate(end);
  await file.sync();
  return { ...copy, end };
}

/**
 * Ends a file with a directory, which is written into a gap before the current one. The truncation makes it current.
 *
 * @returns bytes of the file
 */
export async function endWith(
  file: TailFile,
  directory: LocatedDirectory,
  comment: Uint8Array,
): Promise<number> {
  const endAt = directory.offset + directory.bytes.length;
  const end = endRecords(extentOf(directory), endAt, comment);
  await writePieces(file, directory.offset, directory.bytes);
  await file.write(endAt, end);
  await file.sync();
  await file.truncate(endAt + end.length);
  await file.sync();
  return endAt + end.length;
}

/** Truncates a file to its old size, when nothing before its old end was overwritten. Never throws. */
export async function truncateTo(file: TailFile, size: number): Promise<void> {
  await file
    .truncate(size)
    .then(() => file.sync())
    // Bytes after the old end are not part of the archive, whether they are removed or not.
    .catch(() => {});
}

function extentOf({ bytes, entries, offset }: LocatedDirectory): DirectoryExtent {
  return { entries, directorySize: bytes.length, directoryOffset: offset };
}

const SECTOR = 512;

/** The first position, at least `least`, where end records are within one sector. */
function withinSector(least: number): number {
  return (least % SECTOR) + END_RECORDS_SIZE <= SECTOR ? least : Math.ceil(least / SECTOR) * SECTOR;
}

const PIECE = 1024 * 1024;

/** Writes bytes of any length in pieces. */
async function writePieces(file: TailFile, position: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += PIECE)
    await file.write(position + at, bytes.subarray(at, at + PIECE));
}
