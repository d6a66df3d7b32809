import { SENTINEL_16, SENTINEL_32, viewOf } from "./fields.js";

/**
 * End of central directory record (APPNOTE 4.3.16).
 *
 * ```
 *  0  4  signature PK\5\6               10  2  entries in all
 *  4  2  this disk                      12  4  size of the central directory
 *  6  2  disk where the directory is    16  4  offset of the central directory
 *  8  2  entries on this disk           20  2  comment length
 *                                       22  .  comment, to the end of the file
 * ```
 */
export const END_SIGNATURE = 0x06054b50;
/** Bytes before the comment. */
export const END_SIZE = 22;
/** How far from the end of the file the record can start. */
export const MAX_END_DISTANCE = END_SIZE + 0xffff;

/** What an archive's end says of its central directory. */
export interface DirectoryExtent {
  readonly entries: number;
  readonly directorySize: number;
  readonly directoryOffset: number;
}

/** What both kinds of end record say. */
export interface EndRecord extends DirectoryExtent {
  readonly disk: number;
  readonly directoryDisk: number;
  readonly entriesOnDisk: number;
}

export interface EndOfCentralDirectory extends EndRecord {
  readonly comment: Uint8Array;
}

/**
 * Where in `tail`, the last bytes of a file, records start whose comment ends with the file: none, one, or
 * (for an archive made to be read in two ways) several, the last one first. Signatures inside the comment
 * that fail this test are only text. One pass, however many signatures there are.
 */
export function findEnds(tail: Uint8Array): number[] {
  const view = viewOf(tail);
  const found: number[] = [];
  const first = Math.max(0, tail.length - MAX_END_DISTANCE);
  for (let at = tail.length - END_SIZE; at >= first; at--) {
    if (tail[at] !== 0x50 || view.getUint32(at, true) !== END_SIGNATURE) continue;
    if (at + END_SIZE + view.getUint16(at + 20, true) === tail.length) found.push(at);
  }
  return found;
}

/** Parses the record at `at`, found by {@link findEnds}. */
export function parseEnd(bytes: Uint8Array, at: number): EndOfCentralDirectory {
  const view = viewOf(bytes);
  return {
    disk: view.getUint16(at + 4, true),
    directoryDisk: view.getUint16(at + 6, true),
    entriesOnDisk: view.getUint16(at + 8, true),
    entries: view.getUint16(at + 10, true),
    directorySize: view.getUint32(at + 12, true),
    directoryOffset: view.getUint32(at + 16, true),
    comment: bytes.subarray(at + END_SIZE, at + END_SIZE + view.getUint16(at + 20, true)),
  };
}

/** Whether any field says that its true value stands in the ZIP64 record. */
export function pointsToZip64(end: EndOfCentralDirectory): boolean {
  return (
    end.disk === SENTINEL_16 ||
    end.directoryDisk === SENTINEL_16 ||
    end.entriesOnDisk === SENTINEL_16 ||
    end.entries === SENTINEL_16 ||
    end.directorySize === SENTINEL_32 ||
    end.directoryOffset === SENTINEL_32
  );
}

/** Writes the record with every count and offset left to the ZIP64 record; returns the position after it. */
export function writeEnd(view: DataView, at: number, comment: Uint8Array): number {
  view.setUint32(at, END_SIGNATURE, true);
  // Disk numbers stay 0: readers that know no ZIP64 would take the sentinel for a spanned archive.
  view.setUint16(at + 4, 0, true);
  view.setUint16(at + 6, 0, true);
  view.setUint16(at + 8, SENTINEL_16, true);
  view.setUint16(at + 10, SENTINEL_16, true);
  view.setUint32(at + 12, SENTINEL_32, true);
  view.setUint32(at + 16, SENTINEL_32, true);
  view.setUint16(at + 20, comment.length, true);
  new Uint8Array(view.buffer, view.byteOffset).set(comment, at + END_SIZE);
  return at + END_SIZE + comment.length;
}
