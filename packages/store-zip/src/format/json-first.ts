import {
  type AbsolutePath,
  type ByteSource,
  type Finding,
  InvalidArchiveError,
  keyName,
  type ListOptions,
  type ReadOptions,
  type Store,
  shareWork,
} from "@ozx/core";
import {
  type CentralDirectory,
  entryAt,
  MARK_DIRECTORY,
  MARK_SHADOWED,
  nameAt,
} from "../directory/central-directory.js";
import type { DirectoryParser } from "../directory/parse-directory.js";
import { directoryParser, finishArchive, naming, type ZipArchive } from "../read/archive.js";
import type { ArchiveEnd } from "../read/archive-end.js";
import { createHeaderPattern, spanToNext } from "../read/local-data.js";
import { cacheRun } from "../read/source-parts.js";
import { type ArchiveStore, describeStore, storeOver, type ZipStore } from "../read/zip-store.js";
import { parseComment } from "../rfc9/archive-comment.js";
import { isDocumentAt } from "../rfc9/document-order.js";

/** A directory with fewer bytes beyond those at hand is rather read whole: that takes a read less. */
const WORTHWHILE = 1024 * 1024;
/** How much of the directory is read at first; each further read of the head is four times as long. */
const HEAD = 256 * 1024;
/** No read of the head is longer. */
const MAX_HEAD = 8 * 1024 * 1024;

/** The front of an archive: what RFC-9's `jsonFirst` lets a reader know without the rest of its directory. */
export interface ArchiveHead {
  /** The archive with its leading `zarr.json` entries alone. */
  readonly archive: ZipArchive;
  /** The whole archive's end records, and the parser that has taken the head of its directory. */
  readonly end: ArchiveEnd;
  readonly parser: DirectoryParser;
}

/**
 * Reads the head of a directory up to the first entry that is no `zarr.json`, where this is worth while: of a large
 * archive far away whose comment claims `jsonFirst`. Undefined where it is not, or the claim is seen to be false.
 *
 * @param atHand how many bytes at the end of the source need no read of their own
 */
export async function readHead(
  source: ByteSource,
  end: ArchiveEnd,
  atHand: number,
  options?: ReadOptions,
): Promise<ArchiveHead | undefined> {
  const missing = source.size - atHand - end.directoryOffset;
  if (source.readSync !== undefined || missing < WORTHWHILE) return undefined;
  if (parseComment(end.comment)?.jsonFirst !== true) return undefined;
  const parser = directoryParser(end);
  const rows = await naming(source, undefined, () => readLeading(source, end, parser, options));
  if (rows === undefined) return undefined;
  const directory = parser.head(rows);
  if (nameAt(directory, 0) !== ROOT) return undefined;
  // What follows bounds the documents, which must not reach into it, as the directory bounds all entries.
  const following = parser.headerOffsets[rows] as number;
  const archive = { source, end: { ...end, directoryOffset: following }, directory };
  if (findRun(archive, rows) === undefined) return undefined;
  return { archive: withDocumentsRun(archive, rows), end, parser };
}

const ROOT = "zarr.json";

/** How many entries lead; undefined where there is none of them, or nothing else. */
async function readLeading(
  source: ByteSource,
  end: ArchiveEnd,
  parser: DirectoryParser,
  options?: ReadOptions,
): Promise<number | undefined> {
  let rows = 0;
  for (let length = HEAD; parser.taken < end.directorySize; length = Math.min(length * 4, MAX_HEAD)) {
    const rest = end.directorySize - parser.taken;
    parser.push(await source.read(end.directoryOffset + parser.taken, Math.min(length, rest), options));
    rows = countLeading(parser, rows);
    if (rows < parser.count) return rows === 0 ? undefined : rows;
  }
  return undefined;
}

/**
 * A store that knows the metadata of an archive from its head. Anything else has the rest of the directory read,
 * once for all who ask at the same time.
 *
 * Until then the head answers for documents that are not there, too: RFC-9 lets a reader assume that every
 * `zarr.json` is in the head, and in a hierarchy of Zarr v3 there are no documents of v2. If the rest shows that
 * this is not so, a finding says it and the truth is told from then on; and where a document that was handed out
 * turns out to be replaced by a later one, nothing more is read at all, for what has been made of it is wrong.
 */
export function jsonFirstStore({ archive, end, parser }: ArchiveHead): ArchiveStore {
  const { source } = archive;
  const pattern = createHeaderPattern();
  const findings: Finding[] = [];
  const head = storeOver(archive, pattern);
  const given = new Set<string>();
  let whole: ZipStore | undefined;

  const load = shareWork(async (options) => {
    const complete = await finishArchive(source, end, parser, options);
    const replaced = replacedDocument(complete.directory, archive.directory, given);
    if (replaced !== undefined) throw documentReplaced(source.name, replaced);
    const late = lateDocument(complete.directory, archive.directory.count);
    if (late !== undefined) findings.push(falseClaimFinding(late));
    whole = storeOver(complete, pattern, { findings });
    return whole;
  });
  const storeOf = async (key: AbsolutePath, options?: ReadOptions): Promise<Store> => {
    if (whole !== undefined) return whole;
    if (!DOCUMENTS.includes(keyName(key))) return load(options);
    given.add(key.slice(1));
    return head;
  };
  const listed = async (options?: ListOptions): Promise<Store> =>
    whole ?? (options?.names?.every((name) => DOCUMENTS.includes(name)) ? head : load(options));
  const described = source.descriptor?.();

  return {
    name: source.name,
    format: "zip",
    findings,
    root: "",
    loadArchive: async (options) => (await load(options)).archive,
    get: async (key, options) => (await storeOf(key, options)).get(key, options),
    getRange: async (key, range, options) => (await storeOf(key, options)).getRange(key, range, options),
    stream: async (key, options) => (await storeOf(key, options)).stream(key, options),
    async *list(options) {
      yield* (await listed(options)).list(options);
    },
    ...(described && { descriptor: () => describeStore({ end }, described, "") }),
    close: () => source.close(),
  };
}

/** The names of all documents that Zarr tools look for. */
const DOCUMENTS: readonly string[] = [ROOT, ".zarray", ".zgroup", ".zattrs", ".zmetadata"];

/** The first document in the directory behind its head. */
function lateDocument(directory: CentralDirectory, rows: number): string | undefined {
  const { count, names, nameEnds, marks } = directory;
  for (let index = rows; index < count; index++) {
    const start = index === 0 ? 0 : (nameEnds[index - 1] as number);
    if (((marks[index] as number) & MARK_DIRECTORY) !== 0) continue;
    if (isDocumentAt(names, start, nameEnds[index] as number)) return nameAt(directory, index);
  }
  return undefined;
}

/** A document that was given out from the head and is another one in truth. */
function replacedDocument(
  directory: CentralDirectory,
  head: CentralDirectory,
  given: ReadonlySet<string>,
): string | undefined {
  for (let index = 0; index < head.count; index++) {
    const shadowed = (directory.marks[index] as number) & ~(head.marks[index] as number) & MARK_SHADOWED;
    if (shadowed === 0) continue;
    const name = nameAt(head, index);
    if (given.has(name)) return name;
  }
  return undefined;
}

function documentReplaced(location: string, name: string): InvalidArchiveError {
  return new InvalidArchiveError(
    `${location} says that its zarr.json entries come first (jsonFirst), but a later entry replaces ${name}, which was read already: open it with its whole index, or mend it with "ozx fix"`,
    { location, path: name },
  );
}

function falseClaimFinding(name: string): Finding {
  return {
    rule: "jsonfirst-true-but-false",
    level: "MUST",
    severity: "error",
    where: `/${name}`,
    message: `The comment says jsonFirst, and ${name} stands behind other entries in the directory.`,
    help: 'Let "ozx fix" put the directory in order; no data is moved.',
  };
}

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
  return run === undefined ? archive : { ...archive, source: cacheRun(source, run.start, run.end) };
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
