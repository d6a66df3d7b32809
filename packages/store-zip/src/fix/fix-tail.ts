import { type ByteSource, type ReadOptions, UnsupportedError } from "@ozx/core";
import type { ArchiveFacts } from "../rules/facts.js";
import { startsWithCentralHeader } from "../rules/structure.js";
import { mendedComment } from "./mended-comment.js";
import { END_RECORDS_SIZE, endRecords, mendedDirectory, mendedOrder } from "./mended-tail.js";
import { factsForFix } from "./plan-fix.js";

/** A file that is mended where it lies. */
export interface TailFile {
  /** Writes at any position; beyond the file's end it grows, and reads as zeros in between. */
  write(position: number, bytes: Uint8Array): Promise<void>;
  /** Returns when all that was written is durable. */
  sync(): Promise<void>;
  /** Cuts the file to `size` bytes. */
  truncate(size: number): Promise<void>;
}

/** What became of a file. */
export interface FixedTail {
  /** Bytes of the file now. */
  readonly size: number;
  /** Bytes of data in it that its directory no longer lists. */
  readonly wasted: number;
}

/**
 * Mends all that can be mended by writing the end of an archive again (the steps of `planFix` that say `tail`):
 * the order of the central directory, its ZIP64 fields, duplicates and folders in it, the end records and the
 * comment. No entry's data or local header is touched. `source` is not to be used afterwards.
 *
 * The file can be killed or lose its power at any moment, and then ends with a valid end record: of the old
 * directory or of the new one. Everything is written in one of two ways:
 *
 * - into a gap that no reader of the file, as it is at that moment, looks at; it does not matter how much of it
 *   arrives, or in which order;
 * - as end records without a comment, 98 bytes that do not cross a multiple of 512 and so lie in one sector and in
 *   one page: they arrive whole or not at all. Where they make the file longer, that is one step too.
 *
 * ```
 *     data | old directory, old end |
 *  1  data | old directory, old end | zeros                | end → old directory  (one sector, file grows)
 *  2  data | old directory, old end | new directory, zeros | end → old directory  (in the gap)
 *  3  data | old directory, old end | new directory, zeros | end → new directory  (one sector; it is new from here)
 *  4  data | new directory, new end | new directory, zeros | end → the second one (where nobody looks any more)
 *  5  data | new directory, new end                                               (cut; the first one counts)
 * ```
 *
 * After each step all is synced, so that no step can overtake another. Nothing stays behind; what a crash leaves
 * behind the next `fixTail` takes away. Readers that trust the offset of a directory read the file at every moment,
 * as ours does; Python's zipfile, which goes by the directory's size alone, reads it before step 1 and after step 5.
 *
 * @throws InvalidArchiveError, UnsupportedError when the archive cannot be mended; nothing was written then
 */
export async function fixTail(source: ByteSource, file: TailFile, options?: ReadOptions): Promise<FixedTail> {
  const facts = await factsForFix(source, options);
  const { archive } = facts;
  if (archive.end.shift !== 0) {
    throw new UnsupportedError(
      `${source.name} has ${archive.end.shift} bytes before its start: write it into a new file`,
      { location: source.name, feature: "bytes before the archive" },
    );
  }
  const order = mendedOrder(facts);
  const directory = mendedDirectory(facts, order);
  const comment = mendedComment(facts);
  const start = await tailStart(facts);
  const extent = { entries: order.length, directorySize: directory.length };
  const endAt = start + directory.length;
  const end = endRecords({ ...extent, directoryOffset: start }, endAt, comment);
  const size = endAt + end.length;

  const old = {
    entries: archive.directory.count,
    directorySize: archive.end.directorySize,
    directoryOffset: archive.end.directoryOffset,
  };
  const secondStart = Math.max(source.size, size);
  // Readers look for a directory right before its end first: there must be nothing but zeros.
  const zeros = Math.max(old.directorySize, directory.length);
  const secondEnd = withinSector(secondStart + directory.length + zeros);
  options?.signal?.throwIfAborted();

  await file.write(secondEnd, endRecords(old, secondEnd));
  await file.sync();
  await writePieces(file, secondStart, directory);
  await file.sync();
  await file.write(secondEnd, endRecords({ ...extent, directoryOffset: secondStart }, secondEnd));
  await file.sync();
  await writePieces(file, start, directory);
  await file.write(endAt, end);
  await file.sync();
  await file.truncate(size);
  await file.sync();
  return { size, wasted: wastedBytes(facts, order) };
}

/** Where the directory starts; an older one before it, of a fix that was interrupted, is written over. */
async function tailStart({ archive, local, options }: ArchiveFacts): Promise<number> {
  const { directoryOffset } = archive.end;
  let dataEnd = 0;
  for (const end of local.ends) dataEnd = Number.isNaN(end) ? directoryOffset : Math.max(dataEnd, end);
  const isOld = await startsWithCentralHeader(archive.source, dataEnd, directoryOffset, options);
  return isOld ? dataEnd : directoryOffset;
}

const SECTOR = 512;

/** The first position from `least` on where the end records lie within one sector. */
export function withinSector(least: number): number {
  return (least % SECTOR) + END_RECORDS_SIZE <= SECTOR ? least : Math.ceil(least / SECTOR) * SECTOR;
}

const PIECE = 1024 * 1024;

/** Writes bytes of any length, some at a time. */
export async function writePieces(file: TailFile, position: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += PIECE)
    await file.write(position + at, bytes.subarray(at, at + PIECE));
}

function wastedBytes({ archive: { directory }, local }: ArchiveFacts, order: readonly number[]): number {
  const listed = new Set(order);
  let wasted = 0;
  for (let index = 0; index < directory.count; index++) {
    const end = local.ends[index] as number;
    if (!listed.has(index) && !Number.isNaN(end)) wasted += end - (directory.headerOffsets[index] as number);
  }
  return wasted;
}
