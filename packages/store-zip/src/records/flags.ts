/**
 * Compression methods and general purpose bits (APPNOTE 4.4.4, 4.4.5).
 *
 * @module
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
