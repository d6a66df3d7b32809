import { InvalidArchiveError, type ReadOptions } from "@ozx/core";
import type { DirectoryEntry } from "../directory/central-directory.js";
import { FLAG_DATA_DESCRIPTOR } from "../records/flags.js";
import {
  LOCAL_HEADER_SIZE,
  type LocalHeader,
  localHeaderLength,
  parseLocalHeader,
} from "../records/local-header.js";
import { namingSync, type ZipArchive } from "./archive.js";
import { checkLocalHeader } from "./check-entry.js";
import type { Scratch } from "./scratch.js";

/**
 * Room for an extra field in the first read of an entry, so that header and data come in one read: ours
 * take 20 bytes, Info-ZIP's 28, and the rest is for the others.
 */
const EXTRA_ROOM = 64;

/** An entry's bytes as they lie in the file. */
export interface LocalData {
  readonly data: Uint8Array;
  /** Bytes from the header's start to the data. */
  readonly dataStart: number;
}

/** Reads header and data, in one read where the extra field is no longer than most. */
export async function readLocalData(
  archive: ZipArchive,
  entry: DirectoryEntry,
  options?: ReadOptions,
): Promise<LocalData> {
  const { source } = archive;
  const apart = await readApart(archive, entry, options);
  if (apart !== undefined) return apart;
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
 * Header and data each into a buffer of its own with one read, where the source can, and where the next entry says
 * how long the header must be. Undefined where it is not.
 */
async function readApart(
  archive: ZipArchive,
  entry: DirectoryEntry,
  options?: ReadOptions,
): Promise<LocalData | undefined> {
  const { source } = archive;
  const span = source.readInto && spanToNext(archive, entry);
  // A descriptor stands between the data and the next entry.
  if (span === undefined || (entry.flags & FLAG_DATA_DESCRIPTOR) !== 0) return undefined;
  const dataStart = span - entry.compressedSize;
  const header = new Uint8Array(dataStart);
  const data = new Uint8Array(entry.compressedSize);
  await source.readInto?.(entry.headerOffset, [header, data], options);
  if (checkedHeaderLength(archive, entry, header) !== dataStart) return undefined;
  checkedHeader(archive, entry, header);
  return { data, dataStart };
}

/**
 * Like {@link readLocalData}, at once; only for a source that has `readSync`. What it returns is good until the next
 * call.
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

/** Like {@link readLocalHeader}, at once; only for a source that has `readSync`. */
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
  return Math.min(headerRoom(entry), end.directoryOffset - entry.headerOffset);
}

function headerRoom(entry: DirectoryEntry): number {
  return LOCAL_HEADER_SIZE + entry.nameLength + EXTRA_ROOM;
}

function firstReadLength(archive: ZipArchive, entry: DirectoryEntry): number {
  const room = headerRoom(entry) + entry.compressedSize;
  return spanToNext(archive, entry) ?? Math.min(room, archive.end.directoryOffset - entry.headerOffset);
}

/**
 * Bytes from an entry's header to the one after it in the directory, or to the directory itself; undefined where
 * they are not just this entry's header and data, or too many to be only that: in an archive whose entries lie in
 * another order, have gaps between them or lie on top of each other.
 */
export function spanToNext({ directory, end }: ZipArchive, entry: DirectoryEntry): number | undefined {
  const next =
    entry.index + 1 < directory.count ? directory.headerOffsets[entry.index + 1] : end.directoryOffset;
  const span = (next as number) - entry.headerOffset;
  const least = LOCAL_HEADER_SIZE + entry.nameLength + entry.compressedSize;
  return span >= least && span <= least + EXTRA_ROOM ? span : undefined;
}

/** How long the header at the start of `bytes` is, once it is sure that header and data lie before the directory. */
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
