import type { DirectoryExtent, EndRecord } from "./end-of-central-directory.js";
import { getUint64, RecordError, setUint64, viewOf } from "./fields.js";
import { VERSION_MADE_BY, VERSION_ZIP64 } from "./flags.js";

/**
 * ZIP64 end of central directory record (APPNOTE 4.3.14).
 *
 * ```
 *  0  4  signature PK\6\6          24  8  entries on this disk
 *  4  8  bytes after this field    32  8  entries in all
 * 12  2  version made by           40  8  size of the central directory
 * 14  2  version needed            48  8  offset of the central directory
 * 16  4  this disk                 56  .  extensible data sector
 * 20  4  disk of the directory
 * ```
 */
export const ZIP64_END_SIGNATURE = 0x06064b50;
/** Bytes before the extensible data sector. */
export const ZIP64_END_SIZE = 56;

export interface Zip64End extends EndRecord {
  /** Bytes of the whole record by its own length field, the extensible data sector included. */
  readonly length: number;
}

/**
 * Parses the record at the start of `bytes`.
 *
 * @throws RecordError when there is none
 */
export function parseZip64End(bytes: Uint8Array): Zip64End {
  const view = viewOf(bytes);
  if (bytes.length < ZIP64_END_SIZE || view.getUint32(0, true) !== ZIP64_END_SIGNATURE) {
    throw new RecordError("there is no ZIP64 end of central directory record where its locator points");
  }
  return {
    disk: view.getUint32(16, true),
    directoryDisk: view.getUint32(20, true),
    entriesOnDisk: getUint64(view, 24),
    entries: getUint64(view, 32),
    directorySize: getUint64(view, 40),
    directoryOffset: getUint64(view, 48),
    length: 12 + getUint64(view, 4),
  };
}

/** Writes the record without an extensible data sector; returns the position after it. */
export function writeZip64End(view: DataView, at: number, extent: DirectoryExtent): number {
  view.setUint32(at, ZIP64_END_SIGNATURE, true);
  setUint64(view, at + 4, ZIP64_END_SIZE - 12);
  view.setUint16(at + 12, VERSION_MADE_BY, true);
  view.setUint16(at + 14, VERSION_ZIP64, true);
  view.setUint32(at + 16, 0, true);
  view.setUint32(at + 20, 0, true);
  setUint64(view, at + 24, extent.entries);
  setUint64(view, at + 32, extent.entries);
  setUint64(view, at + 40, extent.directorySize);
  setUint64(view, at + 48, extent.directoryOffset);
  return at + ZIP64_END_SIZE;
}
