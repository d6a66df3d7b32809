import type { DirectoryExtent } from "../records/end-records.js";
import { END_RECORDS_SIZE, endRecords } from "../records/end-records.js";

/** A file that is mended where it lies. */
export interface TailFile {
  /** Writes at any position; beyond the file's end it grows, and reads as zeros in between. */
  write(position: number, bytes: Uint8Array): Promise<void>;
  /** Returns when all that was written is durable. */
  sync(): Promise<void>;
  /** Cuts the file to `size` bytes. */
  truncate(size: number): Promise<void>;
}

/** A central directory, and where it lies. */
export interface LocatedDirectory {
  readonly bytes: Uint8Array;
  readonly entries: number;
  readonly offset: number;
}

/**
 * Moves the directory that counts further away, so that there is room before it:
 *
 * ```
 *     data | directory, end |
 *  1  data | directory, end | zeros                       | end → first directory   (one sector, file grows)
 *  2  data | directory, end | zeros, copy, its end, zeros | end → first directory   (in the gap)
 *  3  data | directory, end | zeros, copy, its end                                  (cut: now the copy counts)
 * ```
 *
 * The file can be killed or lose its power at any moment, and then ends with a valid end record. For everything is done
 * in one of three ways:
 *
 * - written into a gap that no reader of the file, as it is at that moment, looks at; it does not matter how much of it
 *   arrives, or in which order;
 * - written as end records without a comment, 98 bytes that do not cross a multiple of 512 and so lie in one sector and
 *   in one page: they arrive whole or not at all, and so does the length that they give the file;
 * - cut, which is one step as well.
 *
 * After each step all is synced, so that no step can overtake another. Readers that go by a directory's size alone, as
 * Python's zipfile, cannot read the file between steps 1 and 3, which is two syncs.
 *
 * @param position from the end of the file on
 * @returns the copy, at `position`
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
  // Readers look for a directory right before an end record first: there must be nothing but zeros.
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
 * Ends a file with a directory that is written into a gap, before the one that has counted so far. Before the cut that
 * one counts, afterwards the new one.
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

/** Cuts a file to what it was, where nothing before its old end was written over. Never throws. */
export async function truncateTo(file: TailFile, size: number): Promise<void> {
  await file
    .truncate(size)
    .then(() => file.sync())
    // What is behind the old end is no part of the archive, whether it is cut off or not.
    .catch(() => {});
}

function extentOf({ bytes, entries, offset }: LocatedDirectory): DirectoryExtent {
  return { entries, directorySize: bytes.length, directoryOffset: offset };
}

const SECTOR = 512;

/** The first position from `least` on where the end records lie within one sector. */
function withinSector(least: number): number {
  return (least % SECTOR) + END_RECORDS_SIZE <= SECTOR ? least : Math.ceil(least / SECTOR) * SECTOR;
}

const PIECE = 1024 * 1024;

/** Writes bytes of any length, some at a time. */
async function writePieces(file: TailFile, position: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += PIECE)
    await file.write(position + at, bytes.subarray(at, at + PIECE));
}
