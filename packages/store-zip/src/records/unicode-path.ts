import { crc32 } from "../crc32/crc32.js";
import { findExtraBlock, parseExtraField } from "./extra-field.js";
import { viewOf } from "./fields.js";

/**
 * Info-ZIP Unicode Path extra field (APPNOTE 4.6.9), by which older writers gave names in UTF-8.
 *
 * ```
 * 0  2  id 0x7075
 * 2  2  length of what follows
 * 4  1  version, 1
 * 5  4  CRC-32 of the name in the header
 * 9  .  the name in UTF-8
 * ```
 */
export const UNICODE_PATH_ID = 0x7075;

/** The name in the first such field that is about `name`: a program that renamed the entry since will not have known it. */
export function parseUnicodePath(extra: Uint8Array, name: Uint8Array): Uint8Array | undefined {
  if (findExtraBlock(extra, UNICODE_PATH_ID) === undefined) return undefined;
  for (const { id, data } of parseExtraField(extra)) {
    if (id !== UNICODE_PATH_ID || data.length < 6 || data[0] !== 1) continue;
    if (viewOf(data).getUint32(1, true) === crc32(name)) return data.subarray(5);
  }
  return undefined;
}
