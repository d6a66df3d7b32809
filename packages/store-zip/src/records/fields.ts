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

/**
 * Compression methods and general purpose bits (APPNOTE 4.4.4, 4.4.5).
 */

export const METHOD_STORED = 0;
export const METHOD_DEFLATE = 8;
/** AES encryption stands in for the method (APPNOTE 4.4.5). */
const METHOD_AES = 99;

/** Sizes and CRC follow the data; the local header holds zeros. */
export const FLAG_DATA_DESCRIPTOR = 1 << 3;
/** The name is UTF-8. */
export const FLAG_UTF8 = 1 << 11;
const FLAG_ENCRYPTED = 1 << 0;
const FLAG_STRONG_ENCRYPTION = 1 << 6;
const FLAG_MASKED_HEADERS = 1 << 13;

export function isEncrypted({ flags, method }: { flags: number; method: number }): boolean {
  return (
    (flags & (FLAG_ENCRYPTED | FLAG_STRONG_ENCRYPTION | FLAG_MASKED_HEADERS)) !== 0 || method === METHOD_AES
  );
}

/** 4.5 is the version that has ZIP64 (APPNOTE 4.4.3.2). */
export const VERSION_ZIP64 = 45;
/** Made by 4.5 on Unix, so that the permissions in the external attributes are understood (APPNOTE 4.4.2). */
export const VERSION_MADE_BY = (3 << 8) | VERSION_ZIP64;

/** 1980-01-01 00:00, the first moment a ZIP can name: the same input gives the same bytes. */
export const FIXED_DOS_TIME = 0;
export const FIXED_DOS_DATE = (1 << 5) | 1;
