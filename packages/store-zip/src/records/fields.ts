/**
 * The fields of ZIP records: little-endian numbers, compression methods, flags and versions. 64-bit values are read as
 * numbers, because every offset in a file that JavaScript can read is below 2^53.
 *
 * @module
 */

/** In a 16-bit field: the true value is in the ZIP64 record (APPNOTE 4.4.1.4). */
export const SENTINEL_16 = 0xffff;
/** In a 32-bit field: the true value is in the ZIP64 extra field or record (APPNOTE 4.4.1.4). */
export const SENTINEL_32 = 0xffffffff;

/** Reads a 64-bit field. Values of 2^53 and more become Infinity, which every bounds check rejects. */
export function getUint64(view: DataView, at: number): number {
  const high = view.getUint32(at + 4, true);
  if (high > 0x1fffff) return Number.POSITIVE_INFINITY;
  return high * 0x1_0000_0000 + view.getUint32(at, true);
}

/** Writes a 64-bit field; `value` is a whole number below 2^53. */
export function setUint64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % 0x1_0000_0000, true);
  view.setUint32(at + 4, Math.floor(value / 0x1_0000_0000), true);
}

/** A view of the same memory. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What a record parser found wrong. It does not know the archive and the entry; its callers add their names. */
export class RecordError extends Error {
  override readonly name = "RecordError";

  /**
   * @param message a clause without a full stop
   * @param kind `spanned` where the archive is one part of several
   */
  constructor(
    message: string,
    readonly kind: "spanned" | "damaged" = "damaged",
  ) {
    super(message);
  }
}

/** The longest name, extra field and comment that ZIP can hold, in bytes. */
export const MAX_TEXT_LENGTH = 0xffff;

/** At the start of a data descriptor, where it has a signature (APPNOTE 4.3.9.3). */
export const DESCRIPTOR_SIGNATURE = 0x08074b50;

/** Compression methods (APPNOTE 4.4.5). */
export const METHOD_STORED = 0;
export const METHOD_DEFLATE = 8;
/** Takes the place of the method in entries with AES encryption. */
const METHOD_AES = 99;

/** General purpose bit 3 (APPNOTE 4.4.4): sizes and CRC follow the data, and the local header has zeros. */
export const FLAG_DATA_DESCRIPTOR = 1 << 3;
/** General purpose bit 5: the data is a patch of another file's. */
export const FLAG_PATCHED = 1 << 5;
/** General purpose bit 11: the name is UTF-8. */
export const FLAG_UTF8 = 1 << 11;
const FLAG_ENCRYPTED = 1 << 0;
const FLAG_STRONG_ENCRYPTION = 1 << 6;
const FLAG_MASKED_HEADERS = 1 << 13;

/** Whether an entry is encrypted, by its flags or its method. */
export function isEncrypted({ flags, method }: { flags: number; method: number }): boolean {
  return (
    (flags & (FLAG_ENCRYPTED | FLAG_STRONG_ENCRYPTION | FLAG_MASKED_HEADERS)) !== 0 || method === METHOD_AES
  );
}

/** Version 4.5 introduced ZIP64 (APPNOTE 4.4.3.2). */
export const VERSION_ZIP64 = 45;
/** Version 4.5 on Unix, so that readers use the permissions in the external attributes (APPNOTE 4.4.2). */
export const VERSION_MADE_BY = (3 << 8) | VERSION_ZIP64;

/** 1980-01-01 00:00, the earliest time of ZIP. A fixed time makes the output reproducible. */
export const FIXED_DOS_TIME = 0;
export const FIXED_DOS_DATE = (1 << 5) | 1;
