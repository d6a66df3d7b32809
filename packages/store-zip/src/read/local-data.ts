import { CorruptDataError, InvalidArchiveError, type ReadOptions, UnsupportedError } from "@ozx/core";
import {
  type DirectoryEntry,
  MARK_OVERLAPS,
  MARK_RENAMED,
  MARK_SYMLINK,
  nameBytesAt,
} from "../directory/central-directory.js";
import { FLAG_DATA_DESCRIPTOR, isEncrypted, METHOD_DEFLATE, METHOD_STORED } from "../records/flags.js";
import {
  LOCAL_HEADER_SIZE,
  type LocalHeader,
  localHeaderLength,
  parseLocalHeader,
} from "../records/local-header.js";
import { namingSync, type ZipArchive } from "./archive.js";

/**
 * Room for an extra field in the first read of an entry, so that header and data come in one read: ours
 * take 20 bytes, Info-ZIP's 28, and the rest is for the others.
 */
const EXTRA_ROOM = 64;

/**
 * Throws where an entry's data cannot be had: encrypted, an unknown method, a symbolic link, on top of
 * another entry, or outside the file. After it `compressedSize` is known to fit into the file.
 */
export function checkReadable(archive: ZipArchive, entry: DirectoryEntry): void {
  const { source } = archive;
  const unsupported = (feature: string, what: string): UnsupportedError =>
    new UnsupportedError(`${entry.name} in ${source.name} ${what}`, {
      location: source.name,
      path: entry.name,
      feature,
    });
  if (isEncrypted(entry)) {
    throw unsupported("encryption", "is encrypted, which .ozx does not allow: decrypt the archive first");
  }
  if (entry.method !== METHOD_STORED && entry.method !== METHOD_DEFLATE) {
    throw unsupported(
      `compression method ${entry.method}`,
      `is compressed with method ${entry.method}; only stored and deflated entries can be read: pack it again with "zip -0"`,
    );
  }
  if ((entry.marks & MARK_SYMLINK) !== 0) {
    throw unsupported("symbolic link", "is a symbolic link, which is never followed: pack the file itself");
  }
  if ((entry.marks & MARK_OVERLAPS) !== 0) {
    throw new InvalidArchiveError(
      `${entry.name} in ${source.name} lies on top of another entry or outside of the file: the archive is damaged or was made to deceive`,
      { location: source.name, path: entry.name },
    );
  }
  if (entry.method === METHOD_STORED && entry.compressedSize !== entry.size) {
    throw new InvalidArchiveError(
      `${entry.name} in ${source.name} is stored, yet has two sizes (${entry.compressedSize} and ${entry.size} bytes): the archive is damaged`,
      { location: source.name, path: entry.name },
    );
  }
}

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
  const read = (offset: number, length: number): Promise<Uint8Array> => source.read(offset, length, options);
  const first = await read(entry.headerOffset, firstReadLength(archive, entry));
  const headerLength = checkedHeaderLength(archive, entry, first);
  const header = headerLength > first.length ? await read(entry.headerOffset, headerLength) : first;
  const { dataStart } = checkedHeader(archive, entry, header);
  const dataEnd = dataStart + entry.compressedSize;
  if (dataEnd <= first.length) return { data: first.subarray(dataStart, dataEnd), dataStart };
  return { data: await read(entry.headerOffset + dataStart, entry.compressedSize), dataStart };
}

/** Like {@link readLocalData}, at once; only for a source that has `readSync`. */
export function readLocalDataSync(archive: ZipArchive, entry: DirectoryEntry): Uint8Array {
  const { source } = archive;
  const read = (offset: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
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
  const { source, end } = archive;
  const length = Math.min(headerRoom(entry), end.directoryOffset - entry.headerOffset);
  const first = await source.read(entry.headerOffset, length, options);
  const headerLength = checkedHeaderLength(archive, entry, first);
  return checkedHeader(
    archive,
    entry,
    headerLength > first.length ? await source.read(entry.headerOffset, headerLength, options) : first,
  );
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

function checkLocalHeader(archive: ZipArchive, entry: DirectoryEntry, local: LocalHeader): void {
  const differs = (what: string, here: unknown, there: unknown): InvalidArchiveError =>
    new InvalidArchiveError(
      `${entry.name} in ${archive.source.name} has the ${what} ${here} in its own header and ${there} in the central directory: the archive is damaged or was made to deceive`,
      { location: archive.source.name, path: entry.name },
    );
  if (local.method !== entry.method) throw differs("compression method", local.method, entry.method);
  if (
    (entry.marks & MARK_RENAMED) === 0 &&
    !sameBytes(local.name, nameBytesAt(archive.directory, entry.index))
  ) {
    throw differs("name", JSON.stringify(new TextDecoder().decode(local.name)), JSON.stringify(entry.name));
  }
  if ((local.flags & FLAG_DATA_DESCRIPTOR) !== 0) return;
  if (local.compressedSize !== entry.compressedSize) {
    throw differs("compressed size", local.compressedSize, entry.compressedSize);
  }
  if (local.size !== entry.size) throw differs("size", local.size, entry.size);
  if (local.crc !== entry.crc) throw differs("CRC", hex(local.crc), hex(entry.crc));
}

/** Throws `CorruptDataError` unless the CRC of an entry's whole data is the one that the directory names. */
export function checkCrc(archive: ZipArchive, entry: DirectoryEntry, crc: number): void {
  if (crc === entry.crc) return;
  throw new CorruptDataError(
    `${entry.name} in ${archive.source.name} is corrupt: its CRC is ${hex(crc)} and must be ${hex(entry.crc)}; copy or download the archive again`,
    { location: archive.source.name, path: entry.name },
  );
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
