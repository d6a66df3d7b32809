import { type ByteSource, InvalidArchiveError, type OzxError, type ReadOptions } from "@ozx/core";
import { createThrottle, readAhead } from "@ozx/core/container";
import type { CentralDirectory } from "../directory/central-directory.js";
import {
  createDirectoryParser,
  type DirectoryClaims,
  type DirectoryParser,
} from "../directory/parse-directory.js";
import { RecordError } from "../records/fields.js";
import { type ArchiveEnd, readArchiveEnd } from "./archive-end.js";
import { type DirectoryLimit, refuseLargeDirectory } from "./directory-limit.js";
import { cacheTail } from "./source-parts.js";

/** A zip archive whose central directory has been read. It is immutable. */
export interface ZipArchive {
  /** The bytes of the whole file, with parts of it cached where it is remote. */
  readonly source: ByteSource;
  readonly end: ArchiveEnd;
  readonly directory: CentralDirectory;
}

/** The options of {@link openArchive}. */
export interface OpenArchiveOptions extends ReadOptions, DirectoryLimit {
  /** Store the directory in `SharedArrayBuffer`s, so that threads can share it. */
  readonly shared?: boolean | undefined;
  /** The directory as another thread parsed it, so that it is not read again. */
  readonly directory?: CentralDirectory | undefined;
}

/** Archives by their sources: an archive that is both checked and read is parsed once. */
const opened = new WeakMap<ByteSource, ZipArchive>();

/**
 * Opens a zip archive by its central directory, which is read in pieces. Nothing is read if the same source was opened
 * before.
 *
 * @throws InvalidArchiveError when it is damaged, truncated or not an archive
 * @throws UnsupportedError when it spans several files, or its directory is larger than may be read from a server
 */
export async function openArchive(source: ByteSource, options?: OpenArchiveOptions): Promise<ZipArchive> {
  options?.signal?.throwIfAborted();
  const known = opened.get(source);
  if (known !== undefined && (options?.shared !== true || isShared(known.directory))) return known;
  const cached = await cacheTail(source, options);
  const end = await readArchiveEnd(cached, options);
  const archive = options?.directory
    ? { source: cached, end, directory: options.directory }
    : await finishArchive(cached, end, directoryParser(end, options), options);
  opened.set(source, archive);
  opened.set(cached, archive);
  return archive;
}

/** What the end records say about the directory. */
export function directoryClaims(end: ArchiveEnd): DirectoryClaims {
  return {
    entries: end.entries,
    size: end.directorySize,
    shift: end.shift,
    start: end.directoryOffset,
  };
}

/** A parser for the directory that the end records describe. */
export function directoryParser(end: ArchiveEnd, options?: OpenArchiveOptions): DirectoryParser {
  return createDirectoryParser(directoryClaims(end), options);
}

/** Reads the rest of a directory that a parser may have taken the start of. Throws like {@link openArchive}. */
export async function finishArchive(
  source: ByteSource,
  end: ArchiveEnd,
  parser: DirectoryParser,
  options?: ReadOptions & DirectoryLimit,
): Promise<ZipArchive> {
  refuseLargeDirectory(source, end, options);
  const directory = await naming(source, undefined, async () => {
    await readDirectory(source, end, parser, options);
    return parser.finish();
  });
  return { source, end, directory };
}

function isShared({ names }: CentralDirectory): boolean {
  return !(names.buffer instanceof ArrayBuffer);
}

/**
 * Runs a parser, and adds the names of the archive and the entry to its errors.
 *
 * @throws InvalidArchiveError in place of a `RecordError`
 */
export async function naming<T>(
  source: ByteSource,
  entry: string | undefined,
  parse: () => Promise<T>,
): Promise<T> {
  try {
    return await parse();
  } catch (error) {
    throw error instanceof RecordError ? damaged(source, entry, error) : error;
  }
}

/** Like {@link naming}, for a parser that does not wait. */
export function namingSync<T>(source: ByteSource, entry: string | undefined, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof RecordError ? damaged(source, entry, error) : error;
  }
}

function damaged(source: ByteSource, entry: string | undefined, error: RecordError): OzxError {
  source.checkUnchanged?.();
  const where = entry === undefined ? source.name : `${entry} in ${source.name}`;
  return new InvalidArchiveError(
    `${where} is damaged: ${error.message}; copy or download the archive again`,
    { location: source.name, ...(entry !== undefined && { path: entry }) },
    { cause: error },
  );
}

/** Bytes of the directory in one read, of local and of remote sources, where each read has latency. */
const PIECE = { local: 1024 * 1024, remote: 8 * 1024 * 1024 };

/**
 * Reads the part of the central directory that a parser has not taken yet, in pieces, so that the directory is never in
 * memory as a whole. After a failed read it can be resumed.
 *
 * @throws RecordError when the directory is damaged
 */
async function readDirectory(
  source: ByteSource,
  end: ArchiveEnd,
  parser: DirectoryParser,
  options?: ReadOptions,
): Promise<void> {
  const pause = createThrottle(options);
  const pieces = piecesOf(parser.taken, end.directorySize, PIECE[source.readSync ? "local" : "remote"]);
  const read = ([from, to]: readonly [number, number]): Promise<Uint8Array> =>
    source.read(end.directoryOffset + from, to - from, options);
  for await (const bytes of readAhead(pieces, 2, read)) {
    options?.signal?.throwIfAborted();
    parser.push(bytes);
    await pause();
  }
}

function* piecesOf(from: number, to: number, size: number): Generator<readonly [number, number]> {
  for (let at = from; at < to; at += size) yield [at, Math.min(to, at + size)];
}
