import { type DirectoryEntry, MARK_RENAMED } from "../directory/central-directory.js";
import { FLAG_DATA_DESCRIPTOR } from "../records/flags.js";
import { LOCAL_HEADER_SIZE } from "../records/local-header.js";
import type { ZipArchive } from "./archive.js";
import { spanToNext } from "./local-data.js";

/**
 * What the local headers of an archive have in common, learnt from those that were read: that they all have an
 * extra field of one length, and that each entry ends where the next one starts. Where the directory agrees, the
 * place of an entry's data is known without a look at its header, which on a server would be a request.
 */
export interface HeaderPattern {
  /** Takes note of a header that was read and checked. */
  learn(archive: ZipArchive, entry: DirectoryEntry, dataStart: number): void;
  /** Bytes from an entry's header to its data; undefined where it has to be looked at. */
  dataStart(archive: ZipArchive, entry: DirectoryEntry): number | undefined;
}

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

/** Whether nothing stands between an entry's data and the next header, and its name is in the file as it is here. */
function isPlain({ flags, marks }: DirectoryEntry): boolean {
  return (flags & FLAG_DATA_DESCRIPTOR) === 0 && (marks & MARK_RENAMED) === 0;
}

function extraBySpan(archive: ZipArchive, entry: DirectoryEntry): number | undefined {
  const span = spanToNext(archive, entry);
  return span && span - LOCAL_HEADER_SIZE - entry.nameLength - entry.compressedSize;
}
