import { CENTRAL_HEADER_SIGNATURE, CENTRAL_HEADER_SIZE } from "../records/central-header.js";
import { RecordError, viewOf } from "../records/fields.js";
import type { CentralDirectory } from "./central-directory.js";
import { createDirectoryParser, type DirectoryClaims } from "./parse-directory.js";

/** Some entries of a directory that follow each other. */
export interface DirectorySlice {
  /** Bytes from the start of the directory to the first of their headers. */
  readonly from: number;
  /** Bytes from the start of the directory to the end of the last. */
  readonly to: number;
  readonly directory: CentralDirectory;
}

/** Headers that must follow each other: a name or an extra field may hold bytes that look like the start of one. */
const LEAST_HEADERS = 4;
/** Places that look like the start of a header and are none before the bytes are given up. */
const MOST_TRIES = 16;

/**
 * The entries whose headers are complete in a piece of a directory that may start and end within headers. Undefined where
 * no headers are found.
 *
 * @param at bytes from the start of the directory to the piece
 */
export function parseSlice(
  bytes: Uint8Array,
  at: number,
  claims: DirectoryClaims,
): DirectorySlice | undefined {
  const view = viewOf(bytes);
  let tries = 0;
  for (let start = 0; start + CENTRAL_HEADER_SIZE <= bytes.length && tries < MOST_TRIES; start++) {
    if (view.getUint32(start, true) !== CENTRAL_HEADER_SIGNATURE) continue;
    tries++;
    const parser = createDirectoryParser({ ...claims, size: bytes.length });
    try {
      parser.push(bytes.subarray(start));
    } catch (error) {
      if (error instanceof RecordError) continue;
      throw error;
    }
    if (parser.count < LEAST_HEADERS && start > 0) continue;
    if (parser.count === 0) return undefined;
    return { from: at + start, to: at + start + parser.parsed, directory: parser.head(parser.count) };
  }
  return undefined;
}
