import type { ByteSource } from "@ozx/core";
import { type CentralDirectory, entryAt, MARK_DIRECTORY } from "../directory/central-directory.js";
import type { ZipArchive } from "../read/archive.js";
import { keepRun } from "../read/kept-run.js";
import { spanToNext } from "../read/local-data.js";
import { isDocumentAt } from "./document-order.js";

/** More metadata than this is not fetched ahead, but document by document. */
const MAX_RUN = 16 * 1024 * 1024;

/** The columns of a directory that has not come as a whole. */
export type NameRows = Pick<CentralDirectory, "count" | "names" | "nameEnds" | "marks">;

/** How many entries stand in the directory before the first that is neither a `zarr.json` nor a folder. */
export function countLeading({ count, names, nameEnds, marks }: NameRows, from = 0): number {
  let start = from === 0 ? 0 : (nameEnds[from - 1] as number);
  for (let index = from; index < count; index++) {
    const end = nameEnds[index] as number;
    const isFolder = ((marks[index] as number) & MARK_DIRECTORY) !== 0;
    if (!isFolder && !isDocumentAt(names, start, end)) return index;
    start = end;
  }
  return count;
}

/**
 * The archive with the metadata at its front fetched in one read when the first document is asked for. The archive
 * as it is where reads cost little, and where its first `rows` entries do not lie one behind the other.
 */
export function withDocumentsRun(archive: ZipArchive, rows: number): ZipArchive {
  const { source } = archive;
  const run = source.readSync === undefined ? findRun(archive, rows) : undefined;
  return run === undefined ? archive : { ...archive, source: keepRun(source, run.start, run.end) };
}

/** Where the first `rows` entries lie, if they lie one behind the other and are not too large. */
export function findRun(
  archive: ZipArchive & { readonly source: ByteSource },
  rows: number,
): { readonly start: number; readonly end: number } | undefined {
  if (rows === 0) return undefined;
  const start = archive.directory.headerOffsets[0] as number;
  let end = start;
  for (let index = 0; index < rows; index++) {
    const span = spanToNext(archive, entryAt(archive.directory, index));
    if (span === undefined) return undefined;
    end += span;
  }
  return end - start <= MAX_RUN ? { start, end } : undefined;
}
