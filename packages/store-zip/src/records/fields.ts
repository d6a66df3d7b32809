/**
 * Little-endian fields of ZIP records. 64-bit values are read as numbers, because every offset in a file that
 * JavaScript can read fits into 2^53.
 *
 * @module
 */

/** In a 16-bit field: the true value stands in the ZIP64 record (APPNOTE 4.4.1.4). */
export const SENTINEL_16 = 0xffff;
/** In a 32-bit field: the true value stands in the ZIP64 extra field or record (APPNOTE 4.4.1.4). */
export const SENTINEL_32 = 0xffffffff;

/** A 64-bit field. Values from 2^53 on come back as Infinity: larger than any file, so every bound refuses them. */
export function getUint64(view: DataView, at: number): number {
  const high = view.getUint32(at + 4, true);
  if (high > 0x1fffff) return Number.POSITIVE_INFINITY;
  return high * 0x1_0000_0000 + view.getUint32(at, true);
}

export function setUint64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % 0x1_0000_0000, true);
  view.setUint32(at + 4, Math.floor(value / 0x1_0000_0000), true);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What a record parser found wrong, before anybody knows in which archive and entry. */
export class RecordError extends Error {
  override readonly name = "RecordError";

  /** @param kind what is wrong, where it matters: the archive is one part of several, or damaged */
  constructor(
    message: string,
    readonly kind: "spanned" | "damaged" = "damaged",
  ) {
    super(message);
  }
}
