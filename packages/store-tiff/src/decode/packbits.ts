import { tooShort } from "@ozx/virtual/decode";

/** The byte that stands for nothing. */
const NOTHING = 128;

/**
 * Decodes PackBits (TIFF 6.0, section 9). Runs may cross the ends of rows, as some writers let them, and what follows
 * `length` bytes is ignored.
 *
 * @param length the bytes that must come out
 * @throws DamagedSegmentError
 */
export function decodePackBits(bytes: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let at = 0;
  let to = 0;
  while (to < length) {
    const head = bytes[at++];
    if (head === undefined) throw tooShort("PackBits", to, length);
    if (head === NOTHING) continue;
    if (head > NOTHING) {
      const value = bytes[at++];
      if (value === undefined) throw tooShort("PackBits", to, length);
      const end = to + 257 - head;
      out.fill(value, to, end);
      to = end;
      continue;
    }
    const count = Math.min(head + 1, length - to);
    if (at + count > bytes.length) throw tooShort("PackBits", to + bytes.length - at, length);
    if (count > 16) out.set(bytes.subarray(at, at + count), to);
    else for (let k = 0; k < count; k++) out[to + k] = bytes[at + k] as number;
    at += head + 1;
    to += count;
  }
  return out;
}
