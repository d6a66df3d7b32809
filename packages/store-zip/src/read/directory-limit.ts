import { type ByteSource, UnsupportedError } from "@ozx/core";
import { LARGEST_DOCUMENT } from "@ozx/core/internal";
import type { ArchiveEnd } from "./archive-end.js";

/** Bytes of the directory for each entry that are taken for plausible: ours have some 150, and paths have limits. */
const PLAUSIBLE_ENTRY = 1024;
/** The largest directory that is plausible, in bytes: one of some 8 million entries. */
const PLAUSIBLE_DIRECTORY = 2 ** 30;

/** What is known of a directory before it is read. */
type Claims = Pick<ArchiveEnd, "entries" | "directorySize" | "zip64">;

/** How much of an archive's directory is read. */
export interface DirectoryLimit {
  /** The largest directory in bytes, where its number of entries does not ask for more; 64 MB by default. */
  readonly maxMetadata?: number | undefined;
}

/**
 * The largest directory that is read of a source without `readSync`, such as a server, which may send without end: what
 * so many entries may need, and at least as much as a metadata document may have. A local file has its bytes already.
 */
export function largestDirectory(
  { entries, zip64 }: Claims,
  { maxMetadata = LARGEST_DOCUMENT }: DirectoryLimit = {},
): number {
  // The classic record counts modulo 65,536.
  const needed = zip64 === undefined ? PLAUSIBLE_DIRECTORY : entries * PLAUSIBLE_ENTRY;
  return Math.max(maxMetadata, Math.min(needed, PLAUSIBLE_DIRECTORY));
}

/** @throws UnsupportedError for a directory that is larger than {@link largestDirectory} */
export function refuseLargeDirectory(
  { name, readSync }: ByteSource,
  end: Claims,
  options?: DirectoryLimit,
): void {
  const { entries, directorySize } = end;
  const most = largestDirectory(end, options);
  if (readSync !== undefined || directorySize <= most) return;
  throw new UnsupportedError(
    `${name} has a central directory of ${directorySize} bytes for ${entries} entries; at most ${most} are read from a server: if it is meant to be so large, allow more with the option maxMetadata (--max-metadata)`,
    { location: name, feature: "a central directory of this size" },
  );
}
