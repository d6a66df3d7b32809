/** Results below zero say what is wrong; `src/codecs/engine/fault.ts` has the sentences. */

/** Something in the bytes contradicts the format. */
export const CORRUPT: i32 = -1;
/** The bytes end before the data do. */
export const CUT_SHORT: i32 = -2;
/** More would come out than there is room for. */
export const TOO_MUCH: i32 = -3;
/** A checksum in the bytes is not that of what came out. */
export const CHECKSUM: i32 = -4;
/** It needs a dictionary, and chunks of Zarr have none. */
export const DICTIONARY: i32 = -5;
/** Bytes follow that belong to nothing. */
export const TRAILING: i32 = -6;
