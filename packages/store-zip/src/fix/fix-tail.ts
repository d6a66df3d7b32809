import { type ByteSource, type ReadOptions, UnsupportedError } from "@ozx/core";
import { END_RECORDS_SIZE } from "../records/end-records.js";
import type { ArchiveFacts } from "../rules/facts.js";
import { startsWithCentralHeader } from "../rules/structure.js";
import { mendedComment } from "./mended-comment.js";
import { mendedDirectory, mendedOrder } from "./mended-tail.js";
import { cutBack, endWith, moveDirectory, type PlacedDirectory, type TailFile } from "./move-tail.js";
import { factsForFix } from "./plan-fix.js";

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
 * The old directory is moved out of the way, the new one takes its place, and the file is cut behind it: see
 * `moveDirectory` for why the file is a valid archive at every moment. Nothing stays behind; what a crash leaves behind
 * the next `fixTail` takes away.
 *
 * @throws InvalidArchiveError, UnsupportedError when the archive cannot be mended; nothing was written then
 */
export async function fixTail(source: ByteSource, file: TailFile, options?: ReadOptions): Promise<FixedTail> {
  const facts = await factsForFix(source, options);
  refusePrefix(facts, "write it into a new file");
  const { size } = await mendTail(facts, file);
  return { size, wasted: wastedBytes(facts, mendedOrder(facts)) };
}

/** @throws UnsupportedError where offsets are not those of the file */
export function refusePrefix({ source: { name }, archive }: ArchiveFacts, wayOut: string): void {
  const { shift } = archive.end;
  if (shift === 0) return;
  throw new UnsupportedError(`${name} has ${shift} bytes before its start: ${wayOut}`, {
    location: name,
    feature: "bytes before the archive",
  });
}

/** Writes the directory again, right behind the data; what was there of an interrupted run is gone then. */
export async function mendTail(
  facts: ArchiveFacts,
  file: TailFile,
): Promise<{ readonly directory: PlacedDirectory; readonly size: number }> {
  const order = mendedOrder(facts);
  const bytes = mendedDirectory(facts, order);
  const comment = mendedComment(facts);
  const directory = { bytes, entries: order.length, offset: await tailStart(facts) };
  const end = directory.offset + bytes.length + END_RECORDS_SIZE + comment.length;
  facts.options.signal?.throwIfAborted();
  const size = facts.source.size + facts.trailing;
  try {
    await moveDirectory(file, directoryOf(facts), Math.max(size, end));
  } catch (error) {
    // As on a full disk: what was there is as it was.
    await cutBack(file, size);
    throw error;
  }
  return { directory, size: await endWith(file, directory, comment) };
}

/** The directory as it is. */
export function directoryOf({ archive, central: { bytes } }: ArchiveFacts): PlacedDirectory {
  return { bytes, entries: archive.directory.count, offset: archive.end.directoryOffset };
}

/** Whether an interrupted run has left something between data, directory and end. */
export async function isUnfinished(facts: ArchiveFacts): Promise<boolean> {
  const { gap, directoryOffset } = facts.archive.end;
  return gap > 0 || (await tailStart(facts)) < directoryOffset;
}

/** Where the directory starts; an older one before it, of a run that was interrupted, is written over. */
async function tailStart({ archive, local, options }: ArchiveFacts): Promise<number> {
  const { directoryOffset } = archive.end;
  let dataEnd = 0;
  for (const end of local.ends) dataEnd = Number.isNaN(end) ? directoryOffset : Math.max(dataEnd, end);
  const isOld = await startsWithCentralHeader(archive.source, dataEnd, directoryOffset, options);
  return isOld ? dataEnd : directoryOffset;
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
