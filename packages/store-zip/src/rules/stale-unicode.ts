import { crc32 } from "../crc32/crc32.js";
import { isAscii, isUtf8 } from "../directory/names.js";
import { parseExtraField } from "../records/extra-field.js";
import { viewOf } from "../records/fields.js";
import { UNICODE_PATH_ID } from "../records/unicode-path.js";

/** An Info-ZIP Unicode comment is built as the path is (APPNOTE 4.6.8, 4.6.9). */
const UNICODE_COMMENT_ID = 0x6375;

/**
 * Whether an extra field has a Unicode name or comment that belongs to another name or comment than the header
 * has: some readers go by the one and some by the other. Local headers have no comment.
 */
export function hasStaleUnicode(extra: Uint8Array, name: Uint8Array, comment?: Uint8Array): boolean {
  for (const { id, data } of parseExtraField(extra)) {
    const about = id === UNICODE_PATH_ID ? name : id === UNICODE_COMMENT_ID ? comment : undefined;
    if (about === undefined) continue;
    if (data.length < 5 || data[0] !== 1 || viewOf(data).getUint32(1, true) !== crc32(about)) return true;
    const text = data.subarray(5);
    // A text of ASCII can be written in the header itself: another one there is another name.
    if (!isUtf8(text) || (isAscii(text) && !sameBytes(text, about))) return true;
  }
  return false;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
