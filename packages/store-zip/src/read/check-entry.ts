import { CorruptDataError, InvalidArchiveError, UnsupportedError } from "@ozx/core";
import {
  type DirectoryEntry,
  equalBytes,
  MARK_OVERLAPS,
  MARK_RENAMED,
  MARK_SYMLINK,
  nameBytesAt,
} from "../directory/central-directory.js";
import { FLAG_DATA_DESCRIPTOR, isEncrypted, METHOD_DEFLATE, METHOD_STORED } from "../records/fields.js";
import type { LocalHeader } from "../records/local-header.js";
import type { ZipArchive } from "./archive.js";

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

/** Throws `InvalidArchiveError` where a local header says something else than the central one. */
export function checkLocalHeader(archive: ZipArchive, entry: DirectoryEntry, local: LocalHeader): void {
  const differs = (what: string, here: unknown, there: unknown): InvalidArchiveError => {
    archive.source.checkUnchanged?.();
    return new InvalidArchiveError(
      `${entry.name} in ${archive.source.name} has the ${what} ${here} in its own header and ${there} in the central directory: the archive is damaged or was made to deceive`,
      { location: archive.source.name, path: entry.name },
    );
  };
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
  archive.source.checkUnchanged?.();
  throw new CorruptDataError(
    `${entry.name} in ${archive.source.name} is corrupt: its CRC is ${hex(crc)} and must be ${hex(entry.crc)}; copy or download the archive again`,
    { location: archive.source.name, path: entry.name },
  );
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return equalBytes(a, 0, a.length, b, 0, b.length);
}
