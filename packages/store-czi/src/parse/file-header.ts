import { CziFault } from "./fault.js";
import { getInt64, readName, SEGMENT, SEGMENT_HEADER, viewOf } from "./segment.js";

// Bytes of the file segment, from its start. Fields are packed.
const MAJOR = 32;
const FILE_PART = 80;
const DIRECTORY = 84;
const METADATA = 92;
const ATTACHMENTS = 104;
/** Where the last field that is read ends. */
export const FILE_HEADER_LENGTH = 112;

/** The segment that a file starts with. */
export interface FileHeader {
  /** The number of the file in a set of several; 0 for the first, which mostly is the only one. */
  readonly part: number;
  /** The positions of segments; 0 where there is none, as after a crash. */
  readonly directory: number;
  readonly metadata: number;
  readonly attachments: number;
}

/**
 * Parses the start of a file.
 *
 * @param bytes the first 112, or all of a shorter file
 * @returns undefined where it is not a CZI
 * @throws CziFault where it is one that ends within its header, or of another version than 1
 */
export function parseFileHeader(bytes: Uint8Array): FileHeader | undefined {
  if (readName(bytes.subarray(0, 16)) !== SEGMENT.file) return undefined;
  if (bytes.length < FILE_HEADER_LENGTH) throw new CziFault("ends within its header");
  const view = viewOf(bytes);
  const major = view.getInt32(MAJOR, true);
  if (major !== 1) throw new CziFault(`is a CZI of version ${major}, and only version 1 is known`);
  const positionAt = (at: number): number => {
    const position = getInt64(view, at);
    return position < SEGMENT_HEADER ? 0 : position;
  };
  return {
    part: view.getInt32(FILE_PART, true),
    directory: positionAt(DIRECTORY),
    metadata: positionAt(METADATA),
    attachments: positionAt(ATTACHMENTS),
  };
}
