import { getUint64, setUint64, viewOf } from "./fields.js";

/**
 * ZIP64 end of central directory locator (APPNOTE 4.3.15), directly before the end record.
 *
 * ```
 * 0  4  signature PK\6\7
 * 4  4  disk of the ZIP64 end record
 * 8  8  offset of the ZIP64 end record
 * 16 4  number of disks
 * ```
 */
export const ZIP64_LOCATOR_SIGNATURE = 0x07064b50;
export const ZIP64_LOCATOR_SIZE = 20;

export interface Zip64Locator {
  readonly disk: number;
  readonly endOffset: number;
  readonly disks: number;
}

/** Parses the locator at `at`, or undefined where there is none. */
export function parseZip64Locator(bytes: Uint8Array, at: number): Zip64Locator | undefined {
  if (at < 0 || at + ZIP64_LOCATOR_SIZE > bytes.length) return undefined;
  const view = viewOf(bytes);
  if (view.getUint32(at, true) !== ZIP64_LOCATOR_SIGNATURE) return undefined;
  return {
    disk: view.getUint32(at + 4, true),
    endOffset: getUint64(view, at + 8),
    disks: view.getUint32(at + 16, true),
  };
}

/** Writes the locator of a single-disk archive; returns the position after it. */
export function writeZip64Locator(view: DataView, at: number, endOffset: number): number {
  view.setUint32(at, ZIP64_LOCATOR_SIGNATURE, true);
  view.setUint32(at + 4, 0, true);
  setUint64(view, at + 8, endOffset);
  view.setUint32(at + 16, 1, true);
  return at + ZIP64_LOCATOR_SIZE;
}
