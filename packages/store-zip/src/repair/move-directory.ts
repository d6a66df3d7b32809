import { concatBytes } from "@ozx/core/container";
import { type DirectoryExtent, END_RECORDS_SIZE, endRecords } from "../records/end-records.js";

/** A file that is repaired or extended in place. */
export interface TailFile {
  /** Writes at any position. Beyond the end the file grows, with zeros in between. */
  write(position: number, bytes: Uint8Array): Promise<void>;
  /** Makes everything that was written durable. */
  sync(): Promise<void>;
  /** Truncates the file to `size` bytes. */
  truncate(size: number): Promise<void>;
  /**
   * Called before a write beyond the end, which a power cut may interrupt: the bytes from `from` to the present end of the
   * file are the current directory and its end.
   */
  beforeGrowth?(from: number): Promise<void>;
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
 *  1  data | directory, end | zeros, copy, its end      (one write, the file grows)
 * ```
 *
 * The copy is directly before its end record, as readers need it that locate the directory only by its size, such as
 * Python's zipfile. Directory and end are one write, so a process that is killed before or after it leaves an archive that
 * every reader opens. All other changes are of these kinds:
 *
 * - a write into a gap that no reader of the file uses at that moment; it does not matter how much of it is stored, or
 *   in which order;
 * - a truncation, which is atomic.
 *
 * Each step is synced before the next. If the write of the copy is interrupted, part of it may follow the old end, which
 * is untouched: Python's zipfile ignores up to 64 KiB of such bytes, and the next `fix` or addition cuts them off, by what
 * `beforeGrowth` has written down.
 *
 * @param position at or beyond the end of the file
 * @returns the copy, at `position` or some bytes behind it, and the new end of the file
 */
export async function moveDirectory(
  file: TailFile,
  directory: LocatedDirectory,
  position: number,
): Promise<LocatedDirectory & { readonly end: number }> {
  // In one sector, the end records are stored completely or not at all: Python gives up on part of one.
  const endAt = withinSector(position + directory.bytes.length);
  const copy = { ...directory, offset: endAt - directory.bytes.length };
  const end = endRecords(extentOf(copy), endAt, MOVED_COMMENT);
  await file.beforeGrowth?.(directory.offset);
  await file.write(copy.offset, concatBytes([directory.bytes, end]));
  await file.sync();
  return { ...copy, end: endAt + end.length };
}

/** The comment of a moved directory: where it is still there, a change was interrupted. */
const MOVED_COMMENT = new TextEncoder().encode("A change by ozx was interrupted: run ozx fix");

/** Whether the current directory of an archive is one that {@link moveDirectory} has written. */
export function isMovedDirectory({ comment }: { readonly comment: Uint8Array }): boolean {
  return comment.length === MOVED_COMMENT.length && MOVED_COMMENT.every((byte, at) => comment[at] === byte);
}

/**
 * Ends a file with a directory, which is written into a gap before the current one. The truncation makes it current.
 *
 * @returns bytes of the file, and the end records
 */
export async function endWith(
  file: TailFile,
  directory: LocatedDirectory,
  comment: Uint8Array,
): Promise<{ readonly size: number; readonly end: Uint8Array }> {
  const endAt = directory.offset + directory.bytes.length;
  const end = endRecords(extentOf(directory), endAt, comment);
  await writePieces(file, directory.offset, directory.bytes);
  await file.write(endAt, end);
  await file.sync();
  const size = endAt + end.length;
  await file.truncate(size);
  await file.sync();
  return { size, end };
}

/** Truncates a file to its old size, when nothing before its old end was overwritten. Never throws. */
export async function truncateTo(file: TailFile, size: number): Promise<void> {
  await file
    .truncate(size)
    .then(() => file.sync())
    // Bytes after the old end are not part of the archive, whether they are removed or not.
    .catch(() => {});
}

/**
 * Puts the end of a file back as it was from `begin` on, while a copy of the directory behind it is current. Never
 * throws: where it fails, that copy remains current.
 */
export async function restoreTail(file: TailFile, begin: number, tail: Uint8Array): Promise<void> {
  try {
    await writePieces(file, begin, tail);
    await file.sync();
    await file.truncate(begin + tail.length);
    await file.sync();
  } catch {
    // The file is a valid archive all the same, and the next repair or addition removes the rest.
  }
}

function extentOf({ bytes, entries, offset }: LocatedDirectory): DirectoryExtent {
  return { entries, directorySize: bytes.length, directoryOffset: offset };
}

const SECTOR = 512;

/** The first position, at least `least`, where end records are within one sector. */
function withinSector(least: number): number {
  return (least % SECTOR) + END_RECORDS_SIZE + MOVED_COMMENT.length <= SECTOR
    ? least
    : Math.ceil(least / SECTOR) * SECTOR;
}

const PIECE = 1024 * 1024;

/** Writes bytes of any length in pieces. */
async function writePieces(file: TailFile, position: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += PIECE)
    await file.write(position + at, bytes.subarray(at, at + PIECE));
}
