import { type ByteSource, InvalidArchiveError, type OzxError, type ReadOptions } from "@ozx/core";
import type { CentralDirectory } from "../directory/central-directory.js";
import { parseCentralDirectory } from "../directory/parse.js";
import { RecordError } from "../records/fields.js";
import { type ArchiveEnd, readArchiveEnd } from "./archive-end.js";

/** A zip archive whose central directory has been read. Nothing in it moves while it is used. */
export interface ZipArchive {
  readonly source: ByteSource;
  readonly end: ArchiveEnd;
  readonly directory: CentralDirectory;
}

/** What has been opened from a source that is still in use: to check an archive and to read it parses it once. */
const opened = new WeakMap<ByteSource, ZipArchive>();

/**
 * Opens a zip archive by its central directory: two reads, or three where the directory is not at hand, and none
 * where it was opened from the same source before.
 *
 * @throws InvalidArchiveError when it is damaged, cut short or no archive
 * @throws UnsupportedError when it spans several files
 */
export async function openArchive(source: ByteSource, options?: ReadOptions): Promise<ZipArchive> {
  options?.signal?.throwIfAborted();
  const known = opened.get(source);
  if (known !== undefined) return known;
  const end = await readArchiveEnd(source, options);
  const bytes = await source.read(end.directoryOffset, end.directorySize, options);
  const claims = { entries: end.entries, shift: end.shift, start: end.directoryOffset };
  const directory = naming(source, undefined, () => parseCentralDirectory(bytes, claims));
  const archive = { source, end, directory };
  opened.set(source, archive);
  return archive;
}

/** Runs a parser and gives the archive's and entry's name to what it finds wrong. */
export function naming<T>(source: ByteSource, entry: string | undefined, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof RecordError ? damaged(source, entry, error) : error;
  }
}

function damaged(source: ByteSource, entry: string | undefined, error: RecordError): OzxError {
  const where = entry === undefined ? source.name : `${entry} in ${source.name}`;
  return new InvalidArchiveError(
    `${where} is damaged: ${error.message}; copy or download the archive again`,
    { location: source.name, ...(entry !== undefined && { path: entry }) },
    { cause: error },
  );
}
