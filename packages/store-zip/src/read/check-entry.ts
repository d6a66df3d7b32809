import { CorruptDataError, InvalidArchiveError, UnsupportedError } from "@ozx/core";
import {
  type DirectoryEntry,
  hasBytesAt,
  MARK_OVERLAPS,
  MARK_RENAMED,
  MARK_SYMLINK,
  nameBytesAt,
} from "../directory/central-directory.js";
import { FLAG_DATA_DESCRIPTOR, isEncrypted, METHOD_DEFLATE, METHOD_STORED } from "../records/fields.js";
import type { LocalHeader } from "../records/local-header.js";
import type { ZipArchive } from "./archive.js";

/**
 * Checks that an entry's data can be read. Afterwards `compressedSize` is known to fit into the file.
 *
 * @throws UnsupportedError for an encrypted entry, an unknown compression method, or a symbolic link
 * @throws InvalidArchiveError for an entry that overlaps another one or reaches outside the file, and for a stored
 * entry with two sizes
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
      `is compressed with method ${entry.method}; only stored and deflated entries can be read: pack the archive again with "zip -0"`,
    );
  }
  if ((entry.marks & MARK_SYMLINK) !== 0) {
    throw unsupported(
      "symbolic link",
      "is a symbolic link, which is not followed: pack the file that it points to",
    );
  }
  if ((entry.marks & MARK_OVERLAPS) !== 0) {
    throw new InvalidArchiveError(
      `${entry.name} in ${source.name} overlaps another entry or reaches outside the file: the archive is damaged or was crafted to deceive`,
      { location: source.name, path: entry.name },
    );
  }
  if (entry.method === METHOD_STORED && entry.compressedSize !== entry.size) {
    throw new InvalidArchiveError(
      `${entry.name} in ${source.name} is stored but has two sizes (${entry.compressedSize} and ${entry.size} bytes): the archive is damaged`,
      { location: source.name, path: entry.name },
    );
  }
}

/**
 * Checks a local header against the central one.
 *
 * @throws InvalidArchiveError where they differ in name, method, sizes or CRC
 */
export function checkLocalHeader(archive: ZipArchive, entry: DirectoryEntry, local: LocalHeader): void {
  const differs = (what: string, here: unknown, there: unknown): InvalidArchiveError => {
    archive.source.checkUnchanged?.();
    return new InvalidArchiveError(
      `${entry.name} in ${archive.source.name} has the ${what} ${here} in its local header and ${there} in the central directory: the archive is damaged or was crafted to deceive`,
      { location: archive.source.name, path: entry.name },
    );
  };
  if (local.method !== entry.method) throw differs("compression method", local.method, entry.method);
  const { name } = local;
  if (
    (entry.marks & MARK_RENAMED) === 0 &&
    !hasBytesAt(name, 0, name.length, nameBytesAt(archive.directory, entry.index))
  ) {
    throw differs("name", JSON.stringify(new TextDecoder().decode(name)), JSON.stringify(entry.name));
  }
  if ((local.flags & FLAG_DATA_DESCRIPTOR) !== 0) return;
  if (local.compressedSize !== entry.compressedSize) {
    throw differs("compressed size", local.compressedSize, entry.compressedSize);
  }
  if (local.size !== entry.size) throw differs("size", local.size, entry.size);
  if (local.crc !== entry.crc) throw differs("CRC", hex(local.crc), hex(entry.crc));
}

/**
 * Checks the CRC of an entry's whole data against the directory.
 *
 * @throws CorruptDataError where they differ
 */
export function checkCrc(archive: ZipArchive, entry: DirectoryEntry, crc: number): void {
  if (crc === entry.crc) return;
  archive.source.checkUnchanged?.();
  throw new CorruptDataError(
    `${entry.name} in ${archive.source.name} is corrupt: its CRC is ${hex(crc)} and should be ${hex(entry.crc)}; copy or download the archive again`,
    { location: archive.source.name, path: entry.name },
  );
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
