import {
  type AbsolutePath,
  type ByteSource,
  type Finding,
  InvalidArchiveError,
  type ReadOptions,
  type Store,
} from "@ozx/core";
import { keyName, type ListOptions, shareWork } from "@ozx/core/container";
import {
  type CentralDirectory,
  entryAt,
  findEntry,
  MARK_DIRECTORY,
  nameAt,
} from "../directory/central-directory.js";
import { type DirectorySlice, parseSlice } from "../directory/directory-slice.js";
import type { DirectoryParser } from "../directory/parse-directory.js";
import { directoryClaims, directoryParser, finishArchive, naming, type ZipArchive } from "../read/archive.js";
import type { ArchiveEnd } from "../read/archive-end.js";
import { type DirectoryLimit, largestDirectory } from "../read/directory-limit.js";
import { createHeaderPattern, spanToNext } from "../read/local-data.js";
import { cacheRun } from "../read/source-parts.js";
import { type ArchiveStore, describeStore, type ZipStore, zipStore } from "../read/zip-store.js";
import { parseComment } from "../rfc9/archive-comment.js";
import { isDocumentAt, ROOT_DOCUMENT } from "../rfc9/document-order.js";
import { readChunkPositions } from "./chunk-positions.js";
import { slicedDirectory } from "./sliced-directory.js";

/** A directory with fewer bytes that are not cached is read completely, which takes one read less. */
const WORTHWHILE = 1024 * 1024;
/** Bytes of the first read of the directory; each further read of the head is four times as long. */
const HEAD = 256 * 1024;
/** The longest read of the head. */
const MAX_HEAD = 8 * 1024 * 1024;

/** The front of an archive: all that a reader needs for the metadata when RFC-9's `jsonFirst` is set. */
interface ArchiveHead {
  /** The archive with only its leading `zarr.json` entries. */
  readonly archive: ZipArchive;
  /** The whole archive's end records. */
  readonly end: ArchiveEnd;
  /** The parser that has taken the head of the directory, and some entries after it. */
  readonly parser: DirectoryParser;
  /** The end of the directory, which is cached with that of the file. */
  readonly tail: DirectorySlice;
  /** How much of the rest is read. */
  readonly limit: DirectoryLimit;
}

/**
 * Reads the head of a directory, up to the first entry that is not a `zarr.json`, of a large remote archive whose comment
 * claims `jsonFirst`. Undefined for other archives, and where the head or the end already contradicts the claim.
 *
 * @param cached how many bytes at the end of the source are cached
 */
export async function readHead(
  source: ByteSource,
  end: ArchiveEnd,
  cached: number,
  options?: ReadOptions & DirectoryLimit,
): Promise<ArchiveHead | undefined> {
  const missing = source.size - cached - end.directoryOffset;
  if (source.readSync !== undefined || missing < WORTHWHILE) return undefined;
  if (parseComment(end.comment)?.jsonFirst !== true) return undefined;
  const tailBytes = await source.read(source.size - cached, end.directorySize - missing, options);
  const tail = parseSlice(tailBytes, missing, directoryClaims(end));
  if (tail === undefined || lateDocument(tail.directory, 0) !== undefined) return undefined;
  const parser = directoryParser(end);
  const rows = await naming(source, undefined, () => readLeading(source, end, parser, options));
  if (rows === undefined) return undefined;
  const directory = parser.head(rows);
  if (nameAt(directory, 0) !== ROOT_DOCUMENT) return undefined;
  // The next entry bounds the documents, as the directory bounds all entries.
  const following = parser.headerOffsets[rows] as number;
  const archive = { source, end: { ...end, directoryOffset: following }, directory };
  if (findRun(archive, rows) === undefined) return undefined;
  const limit = { maxMetadata: options?.maxMetadata };
  return { archive: withDocumentsRun(archive, rows), end, parser, tail, limit };
}

/** The number of leading documents; undefined where there are none, or nothing else. */
async function readLeading(
  source: ByteSource,
  end: ArchiveEnd,
  parser: DirectoryParser,
  options?: ReadOptions & DirectoryLimit,
): Promise<number | undefined> {
  let rows = 0;
  const most = Math.min(end.directorySize, largestDirectory(end, options));
  for (let length = HEAD; parser.taken < most; length = Math.min(length * 4, MAX_HEAD)) {
    const rest = end.directorySize - parser.taken;
    parser.push(await source.read(end.directoryOffset + parser.taken, Math.min(length, rest), options));
    rows = countLeading(parser, rows);
    if (rows < parser.count) return rows === 0 ? undefined : rows;
  }
  return undefined;
}

/**
 * A store that has the metadata of an archive from its head. A chunk is looked for in slices of the directory, and where
 * it is not found there the rest of the directory is read, once for all concurrent calls.
 *
 * Until then the head also answers for missing documents: RFC-9 lets a reader assume that every `zarr.json` is in the
 * head, and a hierarchy of Zarr v3 has no documents of v2. If the rest of the directory contradicts this, the store
 * reports a finding and answers from the whole directory. If it replaces an entry that was already returned, all
 * reads fail, because their callers rely on what is wrong.
 */
export function jsonFirstStore({ archive, end, parser, tail, limit }: ArchiveHead): ArchiveStore {
  const { source } = archive;
  const pattern = createHeaderPattern();
  const findings: Finding[] = [];
  const head = zipStore(archive, { pattern });
  /** Where the local headers are of the entries that were read before the directory was. */
  const returned = new Map<string, number>();
  let whole: ZipStore | undefined;
  /** Why nothing more is read. */
  let contradiction: InvalidArchiveError | undefined;
  const slices = slicedDirectory(
    source,
    end,
    [{ from: 0, to: parser.parsed, directory: parser.head(parser.count) }, tail],
    shareWork((options) => readChunkPositions(head, documentNames(archive.directory), options)),
  );
  const storeOfSlice = new WeakMap<DirectorySlice, ZipStore>();

  const load = shareWork(async (options) => {
    const complete = await finishArchive(source, end, parser, { ...options, ...limit });
    const replaced = replacedEntry(complete.directory, returned);
    if (replaced !== undefined) {
      contradiction = entryReplaced(source.name, replaced);
      throw contradiction;
    }
    const late = lateDocument(complete.directory, archive.directory.count);
    if (late !== undefined) findings.push(falseClaimFinding(late));
    whole = zipStore(complete, { pattern, findings });
    return whole;
  });
  const storeOf = (slice: DirectorySlice): ZipStore => {
    const known =
      storeOfSlice.get(slice) ?? zipStore({ source, end, directory: slice.directory }, { pattern });
    storeOfSlice.set(slice, known);
    return known;
  };
  const note = (store: ZipStore, name: string): ZipStore => {
    const entry = findEntry(store.archive.directory, name);
    if (entry !== undefined) returned.set(name, entry.headerOffset);
    return store;
  };
  const storeForKey = async (key: AbsolutePath, options?: ReadOptions): Promise<Store> => {
    if (whole !== undefined) return whole;
    if (contradiction !== undefined) throw contradiction;
    const name = key.slice(1);
    if (DOCUMENTS.includes(keyName(key))) return note(head, name);
    const slice = await slices.find(name, options);
    return slice === undefined ? load(options) : note(storeOf(slice), name);
  };
  const storeForList = async (options?: ListOptions): Promise<Store> =>
    whole ?? (options?.names?.every((name) => DOCUMENTS.includes(name)) ? head : load(options));
  const described = source.descriptor?.();

  return {
    name: source.name,
    format: "zip",
    findings,
    root: "",
    get isWhole() {
      return whole !== undefined;
    },
    loadArchive: async (options) => (await load(options)).archive,
    get: async (key, options) => (await storeForKey(key, options)).get(key, options),
    getRange: async (key, range, options) => (await storeForKey(key, options)).getRange(key, range, options),
    stream: async (key, options) => (await storeForKey(key, options)).stream(key, options),
    async *list(options) {
      yield* (await storeForList(options)).list(options);
    },
    ...(described && { descriptor: () => describeStore({ end }, described, "") }),
    close: () => source.close(),
  };
}

function documentNames(directory: CentralDirectory): string[] {
  return Array.from({ length: directory.count }, (_, index) => nameAt(directory, index));
}

/** The names of all metadata documents of Zarr. */
const DOCUMENTS: readonly string[] = [ROOT_DOCUMENT, ".zarray", ".zgroup", ".zattrs", ".zmetadata"];

/** The name of the first document that is not in the head of the directory. */
function lateDocument(directory: CentralDirectory, rows: number): string | undefined {
  const { count, names, nameEnds, marks } = directory;
  for (let index = rows; index < count; index++) {
    const start = index === 0 ? 0 : (nameEnds[index - 1] as number);
    if (((marks[index] as number) & MARK_DIRECTORY) !== 0) continue;
    if (isDocumentAt(names, start, nameEnds[index] as number)) return nameAt(directory, index);
  }
  return undefined;
}

/** The first of the entries that were read already and that a later one of the same name replaces. */
function replacedEntry(
  directory: CentralDirectory,
  returned: ReadonlyMap<string, number>,
): string | undefined {
  for (const [name, offset] of returned) {
    if (findEntry(directory, name)?.headerOffset !== offset) return name;
  }
  return undefined;
}

function entryReplaced(location: string, name: string): InvalidArchiveError {
  return new InvalidArchiveError(
    `${location} says that its zarr.json entries come first (jsonFirst), but a later entry replaces ${name}, which was read already: open it with wholeIndex, or repair it with "ozx fix"`,
    { location, path: name },
  );
}

function falseClaimFinding(name: string): Finding {
  return {
    rule: "jsonfirst-true-but-false",
    level: "MUST",
    severity: "error",
    where: `/${name}`,
    message: `The comment claims jsonFirst, but ${name} comes after other entries in the directory.`,
    help: 'Let "ozx fix" put the directory in order; no data is moved.',
  };
}

/** More metadata than this is read document by document. */
const MAX_RUN = 16 * 1024 * 1024;

/** Columns of a directory that may be incomplete. */
type NameRows = Pick<CentralDirectory, "count" | "names" | "nameEnds" | "marks">;

/** The number of entries before the first, from index `from`, that is neither a `zarr.json` nor a folder. */
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
 * The archive with its first `rows` entries, the metadata, read at once when the first of them is requested. The same
 * archive where reads are cheap, and where these entries are not contiguous in the file.
 */
export function withDocumentsRun(archive: ZipArchive, rows: number): ZipArchive {
  const { source } = archive;
  const run = source.readSync === undefined ? findRun(archive, rows) : undefined;
  return run === undefined ? archive : { ...archive, source: cacheRun(source, run.start, run.end) };
}

/** Where the first `rows` entries are, if they are contiguous and not too large. */
function findRun(
  archive: ZipArchive,
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
