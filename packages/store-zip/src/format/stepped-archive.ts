import { type AbsolutePath, type ReadOptions, UsageError } from "@ozx/core";
import { concatBytes, type EntryStep, type GrowingFile, type StepWriter } from "@ozx/core/container";
import { crc32 } from "../crc32/crc32.js";
import { flagsFor } from "../directory/central-directory.js";
import {
  type LocatedEntry,
  writeCentralHeader,
  writtenCentralHeaderSize,
} from "../records/central-header.js";
import { END_RECORDS_SIZE, endRecords } from "../records/end-records.js";
import { viewOf } from "../records/fields.js";
import { localHeaderBytes, writtenLocalHeaderSize } from "../records/local-header.js";
import { formatComment } from "../rfc9/archive-comment.js";
import { compareDocuments, isDocumentName } from "../rfc9/document-order.js";
import { duplicateName, refuseLongName } from "../write/layout.js";

/** Bytes between the data and the directory that later data takes. On most file systems they take no space. */
const RESERVE = 64 * 1024 * 1024;
/** The same, as a multiple of the directory's size: so often it is moved at most. */
const COPIES_PER_RESERVE = 4;

/** The options of {@link openSteppedArchive}. */
export interface SteppedOptions {
  /** Bytes of data that fit before the directory is moved; 64 MiB by default. */
  readonly reserve?: number | undefined;
  /** The version of OME-Zarr, which the comment has. */
  readonly version: string;
}

/**
 * Writes a conforming `.ozx` step by step into a file that is a valid archive after each one, and at every moment between.
 * Documents that change are written with the directory, in a tail that is rewritten in each step, and data before it:
 *
 * ```
 *     data | free                                      | documents, directory, end |
 *  1  data, new data | free | new documents, directory, end | documents, directory, end |
 *  2  data, new data | free | new documents, directory, end |
 * ```
 *
 * Step 1 writes what no reader uses, and the truncation of step 2 is atomic; each is synced before the next. Only where no
 * free space is left is the tail written behind the end, once for many steps: the file grows by that in one write. `close`
 * puts the tail directly behind the data.
 *
 * @returns a writer whose steps run one after the other
 */
export function openSteppedArchive(
  file: GrowingFile,
  { reserve = RESERVE, version }: SteppedOptions,
): StepWriter {
  const comment = formatComment(version);
  const headers = createHeaders();
  let documents: ReadonlyMap<string, SteppedDocument> = new Map();
  let dataEnd = 0;
  /** The current tail: where it starts, and the end of the file. */
  let tail = { start: 0, end: 0 };
  let published = false;

  const spaceFor = (size: number): number => Math.max(reserve, COPIES_PER_RESERVE * size);
  const writeTail = async (position: number): Promise<void> => {
    const bytes = tailBytes({ documents, headers, comment }, position);
    await file.write(position, bytes);
    await file.sync();
    tail = { start: position, end: position + bytes.length };
  };
  /** Moves the current tail back where data would overwrite it. */
  const freeUntil = async (position: number): Promise<void> => {
    if (!published || position <= tail.start) return;
    await writeTail(Math.max(tail.end, position + spaceFor(tail.end - tail.start)));
  };

  const step = async ({ entries, documents: changed }: EntryStep, options?: ReadOptions): Promise<void> => {
    for (const { key } of entries) headers.refuse(nameOf(key));
    const fixed = changed.filter((document) => document.fixed);
    const { bytes, rows } = dataOf([...fixed, ...entries], dataEnd);
    await freeUntil(dataEnd + bytes.length);
    options?.signal?.throwIfAborted();
    await file.write(dataEnd, bytes);
    dataEnd += bytes.length;
    const next = new Map(documents);
    for (const document of changed) if (!document.fixed) next.set(nameOf(document.key), document.bytes);
    for (const [name, entry] of rows.slice(0, fixed.length)) next.set(name, entry);
    for (const row of rows.slice(fixed.length)) headers.add(row);
    documents = next;
    const size = tailSize({ documents, headers, comment });
    const before = tail.start - size;
    if (published && before >= dataEnd) {
      await writeTail(before);
      await file.truncate(tail.end);
      await file.sync();
      return;
    }
    await file.sync();
    await writeTail(Math.max(tail.end, dataEnd + spaceFor(size)));
    if (published) return;
    await file.publish();
    published = true;
  };

  return {
    name: file.name,
    step,
    async close() {
      if (!published) {
        await file.discard();
        throw new UsageError(`nothing was written to ${file.name}: append something, or discard it`);
      }
      if (tail.start !== dataEnd) {
        await freeUntil(dataEnd + tailSize({ documents, headers, comment }));
        await writeTail(dataEnd);
        await file.truncate(tail.end);
        await file.sync();
      }
      await file.close();
    },
    discard: () => (published ? file.close() : file.discard()),
  };
}

function nameOf(key: AbsolutePath): string {
  return key.slice(1);
}

const encoder = new TextEncoder();

function located(name: string, bytes: Uint8Array, headerOffset: number): LocatedEntry {
  const encoded = encoder.encode(name);
  return { name: encoded, flags: flagsFor(encoded), size: bytes.length, crc: crc32(bytes), headerOffset };
}

/** Entries as they are in the file from `start` on, and what the directory says of them. */
function dataOf(
  entries: EntryStep["entries"],
  start: number,
): { readonly bytes: Uint8Array; readonly rows: readonly (readonly [string, LocatedEntry])[] } {
  const parts: Uint8Array[] = [];
  const rows: (readonly [string, LocatedEntry])[] = [];
  let position = start;
  for (const { key, bytes } of entries) {
    const entry = located(nameOf(key), bytes, position);
    const header = localHeaderBytes(entry);
    parts.push(header, bytes);
    rows.push([nameOf(key), entry]);
    position += header.length + bytes.length;
  }
  return { bytes: concatBytes(parts), rows };
}

/** The value of a document that is written with the directory, or where a fixed one is in the data. */
type SteppedDocument = Uint8Array | LocatedEntry;

/** The central headers of data, which only become more. */
interface Headers {
  readonly count: number;
  /** @throws RangeError for a name that was added before, or is too long */
  refuse(name: string): void;
  add(row: readonly [name: string, entry: LocatedEntry]): void;
  bytes(): Uint8Array;
}

function createHeaders(): Headers {
  const names = new Set<string>();
  let bytes = new Uint8Array(64 * 1024);
  let used = 0;
  return {
    get count() {
      return names.size;
    },
    refuse(name) {
      if (names.has(name)) throw duplicateName(name);
      refuseLongName(encoder.encode(name).length);
    },
    add([name, entry]) {
      names.add(name);
      const size = writtenCentralHeaderSize(entry.name.length);
      if (used + size > bytes.length) {
        const larger = new Uint8Array(2 * (used + size));
        larger.set(bytes.subarray(0, used));
        bytes = larger;
      }
      used = writeCentralHeader(viewOf(bytes), used, entry);
    },
    bytes: () => bytes.subarray(0, used),
  };
}

/** What the end of an archive is made of. */
interface TailParts {
  readonly documents: ReadonlyMap<string, SteppedDocument>;
  readonly headers: Headers;
  readonly comment: Uint8Array;
}

/** The bytes that {@link tailBytes} will have, at any position. */
function tailSize({ documents, headers, comment }: TailParts): number {
  let size = headers.bytes().length + END_RECORDS_SIZE + comment.length;
  for (const [name, document] of documents) {
    const { length } = encoder.encode(name);
    size += writtenCentralHeaderSize(length);
    if (document instanceof Uint8Array) size += writtenLocalHeaderSize(length) + document.length;
  }
  return size;
}

/** The end of an archive at a position: its documents, in RFC-9's order, the directory and the end records. */
function tailBytes({ documents, headers, comment }: TailParts, position: number): Uint8Array {
  const sorted = [...documents].sort(
    ([a], [b]) => Number(isDocumentName(b)) - Number(isDocumentName(a)) || compareDocuments(a, b),
  );
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = position;
  for (const [name, document] of sorted) {
    const entry = document instanceof Uint8Array ? located(name, document, at) : document;
    const central = new Uint8Array(writtenCentralHeaderSize(entry.name.length));
    writeCentralHeader(viewOf(central), 0, entry);
    directory.push(central);
    if (!(document instanceof Uint8Array)) continue;
    const header = localHeaderBytes(entry);
    parts.push(header, document);
    at += header.length + document.length;
  }
  directory.push(headers.bytes());
  const directorySize = directory.reduce((sum, { length }) => sum + length, 0);
  const extent = { entries: sorted.length + headers.count, directorySize, directoryOffset: at };
  return concatBytes([...parts, ...directory, endRecords(extent, at + directorySize, comment)]);
}
