import type { BlockingReader } from "@ozx/core";
import { crc32 } from "../crc32/crc32.js";
import type { DirectoryEntry } from "../directory/central-directory.js";
import type { ZipArchive } from "./archive.js";
import { checkCrc } from "./check-entry.js";
import { readLocalHeaderSync } from "./local-data.js";

/**
 * Reads a stored entry piece by piece, at once; only for a source that has `readSync`. The CRC is checked with the
 * last piece, which is not given out where it is wrong.
 */
export function openStored(archive: ZipArchive, entry: DirectoryEntry): BlockingReader {
  const { source } = archive;
  const start = entry.headerOffset + readLocalHeaderSync(archive, entry).dataStart;
  let position = 0;
  let crc = 0;
  return {
    read(target) {
      const piece = target.subarray(0, entry.size - position);
      source.readSync?.(start + position, piece);
      crc = crc32(piece, crc);
      position += piece.length;
      if (position === entry.size) checkCrc(archive, entry, crc);
      return piece.length;
    },
    close() {},
  };
}
