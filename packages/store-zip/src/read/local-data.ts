import { InvalidArchiveError, type ReadOptions } from "@ozx/core";
import { newBuffer } from "@ozx/core/container";
import { type DirectoryEntry, MARK_RENAMED } from "../directory/central-directory.js";
import { FLAG_DATA_DESCRIPTOR } from "../records/fields.js";
import {
  LOCAL_HEADER_SIZE,
  type LocalHeader,
  localHeaderLength,
  parseLocalHeader,
} from "../records/local-header.js";
import { namingSync, type ZipArchive } from "./archive.js";
import { checkLocalHeader } from "./check-entry.js";

/**
 * Bytes allowed for an extra field in the first read of an entry, so that one read gets header and data. Ours have
 * 20 bytes, Info-ZIP's 28.
 */
const EXTRA_ALLOWANCE = 64;

/** An entry's bytes as they are in the file. */
interface LocalData {
  /** The data, still compressed. */
  readonly data: Uint8Array;
  /** Bytes from the header's start to the data. */
  readonly dataStart: number;
}

/**
 * Reads an entry's header and data, in one read unless its extra field is unusually long.
 *
 * @throws InvalidArchiveError where the header is damaged or contradicts the directory
 */
export async function readLocalData(
  archive: ZipArchive,
  entry: DirectoryEntry,
  options?: ReadOptions,
): Promise<LocalData> {
  const { source } = archive;
  const separate = await readSeparately(archive, entry, options);
  if (separate !== undefined) return separate;
  const read = (offset: number, length: number): Promise<Uint8Array> => source.read(offset, length, options);
  const first = await read(entry.headerOffset, firstReadLength(archive, entry));
  const headerLength = checkedHeaderLength(archive, entry, first);
  const header = headerLength > first.length ? await read(entry.headerOffset, headerLength) : first;
  const { dataStart } = checkedHeader(archive, entry, header);
  const dataEnd = dataStart + entry.compressedSize;
  if (dataEnd <= first.length) return { data: first.subarray(dataStart, dataEnd), dataStart };
  return { data: await read(entry.headerOffset + dataStart, entry.compressedSize), dataStart };
}

/**
 * Reads header and data into buffers of their own in one read, so that the data need not be copied. Undefined where
 * the source cannot do so, or the position of the next entry does not give the header's length.
 */
async function readSeparately(
  archive: ZipArchive,
  entry: DirectoryEntry,
  options?: ReadOptions,
): Promise<LocalData | undefined> {
  const { source } = archive;
  const span = source.readInto && spanToNext(archive, entry);
  // A data descriptor would be between the data and the next entry.
  if (span === undefined || (entry.flags & FLAG_DATA_DESCRIPTOR) !== 0) return undefined;
  const dataStart = span - entry.compressedSize;
  const header = new Uint8Array(dataStart);
  const data = newBuffer(entry.compressedSize, `${entry.name} in ${source.name}`);
  await source.readInto?.(entry.headerOffset, [header, data], options);
  if (checkedHeaderLength(archive, entry, header) !== dataStart) return undefined;
  checkedHeader(archive, entry, header);
  return { data, dataStart };
}

/**
 * Like {@link readLocalData}, but blocking, for a source that has `readSync`.
 *
 * @returns the data, valid until the next call with the same `scratch`
 */
export function readLocalDataSync(archive: ZipArchive, entry: DirectoryEntry, scratch: Scratch): Uint8Array {
  const { source } = archive;
  const read = (offset: number, length: number): Uint8Array => {
    const bytes = scratch(length);
    source.readSync?.(offset, bytes);
    return bytes;
  };
  const first = read(entry.headerOffset, firstReadLength(archive, entry));
  const headerLength = checkedHeaderLength(archive, entry, first);
  const header = headerLength > first.length ? read(entry.headerOffset, headerLength) : first;
  const { dataStart } = checkedHeader(archive, entry, header);
  const dataEnd = dataStart + entry.compressedSize;
  if (dataEnd <= first.length) return first.subarray(dataStart, dataEnd);
  return read(entry.headerOffset + dataStart, entry.compressedSize);
}

/** The local header of an entry, checked against the central one. */
export async function readLocalHeader(
  archive: ZipArchive,
  entry: DirectoryEntry,
  options?: ReadOptions,
): Promise<LocalHeader> {
  const { source } = archive;
  const first = await source.read(entry.headerOffset, headerReadLength(archive, entry), options);
  const headerLength = checkedHeaderLength(archive, entry, first);
  return checkedHeader(
    archive,
    entry,
    headerLength > first.length ? await source.read(entry.headerOffset, headerLength, options) : first,
  );
}

/** Like {@link readLocalHeader}, but blocking, for a source that has `readSync`. */
export function readLocalHeaderSync(archive: ZipArchive, entry: DirectoryEntry): LocalHeader {
  const read = (length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    archive.source.readSync?.(entry.headerOffset, bytes);
    return bytes;
  };
  const first = read(headerReadLength(archive, entry));
  const length = checkedHeaderLength(archive, entry, first);
  return checkedHeader(archive, entry, length > first.length ? read(length) : first);
}

function headerReadLength({ end }: ZipArchive, entry: DirectoryEntry): number {
  return Math.min(likelyHeaderLength(entry), end.directoryOffset - entry.headerOffset);
}

function likelyHeaderLength(entry: DirectoryEntry): number {
  return LOCAL_HEADER_SIZE + entry.nameLength + EXTRA_ALLOWANCE;
}

function firstReadLength(archive: ZipArchive, entry: DirectoryEntry): number {
  const length = likelyHeaderLength(entry) + entry.compressedSize;
  return spanToNext(archive, entry) ?? Math.min(length, archive.end.directoryOffset - entry.headerOffset);
}

/**
 * Bytes from an entry's header to that of the next one in the directory, or to the directory itself. Undefined where
 * these cannot be just this entry's header and data: entries are in another order, overlap, or have gaps between them.
 */
export function spanToNext({ directory, end }: ZipArchive, entry: DirectoryEntry): number | undefined {
  const next =
    entry.index + 1 < directory.count ? directory.headerOffsets[entry.index + 1] : end.directoryOffset;
  const span = (next as number) - entry.headerOffset;
  const least = LOCAL_HEADER_SIZE + entry.nameLength + entry.compressedSize;
  return span >= least && span <= least + EXTRA_ALLOWANCE ? span : undefined;
}

/** The length of the header at the start of `bytes`, checked so that header and data end before the directory. */
function checkedHeaderLength(archive: ZipArchive, entry: DirectoryEntry, bytes: Uint8Array): number {
  const length = localHeaderLength(bytes);
  if (entry.headerOffset + length + entry.compressedSize <= archive.end.directoryOffset) return length;
  throw new InvalidArchiveError(
    `${entry.name} in ${archive.source.name} reaches into the central directory: the archive is damaged`,
    { location: archive.source.name, path: entry.name },
  );
}

function checkedHeader(archive: ZipArchive, entry: DirectoryEntry, bytes: Uint8Array): LocalHeader {
  const local = namingSync(archive.source, entry.name, () => parseLocalHeader(bytes));
  checkLocalHeader(archive, entry, local);
  return local;
}

/**
 * What the local headers of an archive have in common, learned from those that were read: their extra fields have the
 * same length, and each entry ends where the next one starts. Where the directory agrees, the position of an entry's
 * data is known without reading its header, which would be a request to a server.
 */
export interface HeaderPattern {
  /** Learns from a header that was read and checked. */
  learn(archive: ZipArchive, entry: DirectoryEntry, dataStart: number): void;
  /** Bytes from an entry's header to its data; undefined where the header must be read. */
  dataStart(archive: ZipArchive, entry: DirectoryEntry): number | undefined;
}

/** A pattern that has not learned anything yet, for the stores over one archive. */
export function createHeaderPattern(): HeaderPattern {
  let extraLength: number | undefined;
  let broken = false;
  return {
    learn(archive, entry, dataStart) {
      if (!isPlain(entry)) return;
      const extra = dataStart - LOCAL_HEADER_SIZE - entry.nameLength;
      extraLength ??= extra;
      if (extra !== extraLength || extraBySpan(archive, entry) !== extra) broken = true;
    },
    dataStart(archive, entry) {
      if (broken || extraLength === undefined || !isPlain(entry)) return undefined;
      return extraBySpan(archive, entry) === extraLength
        ? LOCAL_HEADER_SIZE + entry.nameLength + extraLength
        : undefined;
    },
  };
}

/** Whether the next header follows an entry's data directly, and the name in the file is that in the directory. */
function isPlain({ flags, marks }: DirectoryEntry): boolean {
  return (flags & FLAG_DATA_DESCRIPTOR) === 0 && (marks & MARK_RENAMED) === 0;
}

function extraBySpan(archive: ZipArchive, entry: DirectoryEntry): number | undefined {
  const span = spanToNext(archive, entry);
  return span && span - LOCAL_HEADER_SIZE - entry.nameLength - entry.compressedSize;
}

/** Returns a buffer of `length` bytes that is valid until the next call. */
type Scratch = (length: number) => Uint8Array;

/** Larger buffers are not kept for the next read. */
const LARGEST_SCRATCH = 1024 * 1024;

/**
 * A buffer that blocking reads share: to allocate and clear one takes longer than a small read.
 *
 * @param name of the archive, for messages
 */
export function createScratch(name: string): Scratch {
  let block = new Uint8Array(0);
  return (length) => {
    if (length > LARGEST_SCRATCH) return newBuffer(length, name);
    if (length > block.length) block = new Uint8Array(Math.min(LARGEST_SCRATCH, 2 * length));
    return block.subarray(0, length);
  };
}
