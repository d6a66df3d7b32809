import {
  type ByteSource,
  createThrottle,
  InvalidArchiveError,
  type OzxError,
  type ReadOptions,
  readAhead,
} from "@ozx/core";
import type { CentralDirectory } from "../directory/central-directory.js";
import { createDirectoryParser, type DirectoryParser } from "../directory/parse-directory.js";
import { RecordError } from "../records/fields.js";
import { type ArchiveEnd, readArchiveEnd } from "./archive-end.js";
import { cacheTail } from "./source-parts.js";

/** A zip archive whose central directory has been read. Nothing in it moves while it is used. */
export interface ZipArchive {
  readonly source: ByteSource;
  readonly end: ArchiveEnd;
  readonly directory: CentralDirectory;
}

export interface OpenArchiveOptions extends ReadOptions {
  /** Keep the directory in `SharedArrayBuffer`s, so that threads can share it. */
  readonly shared?: boolean | undefined;
  /** The directory as another thread has parsed it, which is not read again then. */
  readonly directory?: CentralDirectory | undefined;
}

/** What has been opened from a source that is still in use: to check an archive and to read it parses it once. */
const opened = new WeakMap<ByteSource, ZipArchive>();

/**
 * Opens a zip archive by its central directory, which is read piece by piece; nothing is read where it was opened
 * from the same source before.
 *
 * @throws InvalidArchiveError when it is damaged, cut short or no archive
 * @throws UnsupportedError when it spans several files
 */
export async function openArchive(source: ByteSource, options?: OpenArchiveOptions): Promise<ZipArchive> {
  options?.signal?.throwIfAborted();
  const known = opened.get(source);
  if (known !== undefined && (options?.shared !== true || isShared(known.directory))) return known;
  const keeping = await cacheTail(source, options);
  const end = await readArchiveEnd(keeping, options);
  const archive = options?.directory
    ? { source: keeping, end, directory: options.directory }
    : await finishArchive(keeping, end, directoryParser(end, options), options);
  opened.set(source, archive);
  opened.set(keeping, archive);
  return archive;
}

/** A parser for the directory that the end records speak of. */
export function directoryParser(end: ArchiveEnd, options?: OpenArchiveOptions): DirectoryParser {
  const claims = {
    entries: end.entries,
    size: end.directorySize,
    shift: end.shift,
    start: end.directoryOffset,
  };
  return createDirectoryParser(claims, options);
}

/** Reads what a parser lacks of the directory. Throws like {@link openArchive}. */
export async function finishArchive(
  source: ByteSource,
  end: ArchiveEnd,
  parser: DirectoryParser,
  options?: ReadOptions,
): Promise<ZipArchive> {
  const directory = await naming(source, undefined, async () => {
    await readDirectory(source, end, parser, options);
    return parser.finish();
  });
  return { source, end, directory };
}

function isShared({ names }: CentralDirectory): boolean {
  return !(names.buffer instanceof ArrayBuffer);
}

/** Runs a parser and gives the archive's and entry's name to what it finds wrong. */
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

/** Runs a parser and gives the archive's and entry's name to what it finds wrong. */
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

/** Bytes of directory in one read: of a file, and of what is far away, where each read has to wait. */
const PIECE = { near: 1024 * 1024, far: 8 * 1024 * 1024 };

/**
 * Gives a parser all that it has not taken yet of the central directory, piece by piece, so that the directory is
 * never in memory as a whole. When it fails half-way, what was taken need not be read again.
 *
 * @throws RecordError when the directory is damaged
 */
export async function readDirectory(
  source: ByteSource,
  end: ArchiveEnd,
  parser: DirectoryParser,
  options?: ReadOptions,
): Promise<void> {
  const pause = createThrottle();
  const pieces = piecesOf(parser.taken, end.directorySize, source.readSync ? PIECE.near : PIECE.far);
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
