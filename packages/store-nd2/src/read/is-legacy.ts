import type { ByteSource, ReadOptions } from "@ozx/core";

/** The start of JPEG 2000: a box of 12 bytes, `jP  `. */
const START = [0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20];
/** What ends an ND2 of version 1 or 2. */
const SIGNATURE = "LABORATORY IMAGING ND BOX MAP 00";
/** Bytes of the signature and the distance to the map. */
export const TRAILER_LENGTH = 40;

/**
 * Whether a file is an ND2 of before version 2.1: pictures of JPEG 2000 in boxes.
 *
 * @param start its first bytes
 */
export async function isLegacy(
  source: ByteSource,
  start: Uint8Array,
  options?: ReadOptions,
): Promise<boolean> {
  if (source.size < TRAILER_LENGTH || START.some((byte, k) => start[k] !== byte)) return false;
  const end = await source.read(source.size - TRAILER_LENGTH, SIGNATURE.length, options);
  return new TextDecoder("latin1").decode(end) === SIGNATURE;
}
