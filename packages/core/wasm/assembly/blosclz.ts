import { copyLiterals, copyMatch } from "./copy";
import { CORRUPT, CUT_SHORT, TOO_MUCH } from "./fault";

/** Distances beyond it are written in 16 bits of their own. */
const FAR: usize = 8191;

/**
 * Decodes BloscLZ, Blosc's own compressor, into exactly `to` … `toEnd`. Each command is a byte:
 *
 * ```
 * 000lllll                    l + 1 literals follow
 * nnnddddd [more n] dddddddd  a match of n + 2 bytes, d + 1 bytes back; n = 7 goes on in bytes, as in LZ4
 * nnn11111 [more n] 11111111  dddddddd dddddddd: a match d + 8192 bytes back
 * ```
 *
 * The upper bits of the first byte are a mark. Data end with literals: c-blosc does not carry out a match at the end.
 *
 * @returns 0, or what is wrong
 */
export function decodeBlosclz(from: usize, fromEnd: usize, to: usize, toEnd: usize): i32 {
  if (from >= fromEnd) return CUT_SHORT;
  const start = to;
  let command = (load<u8>(from++) & 31) as usize;
  while (true) {
    if (command < 32) {
      const length = command + 1;
      if (length > toEnd - to) return TOO_MUCH;
      if (length > fromEnd - from) return CUT_SHORT;
      copyLiterals(to, from, length);
      to += length;
      from += length;
      if (from === fromEnd) return to === toEnd ? 0 : CUT_SHORT;
    } else {
      let length = (command >> 5) - 1;
      if (length === 6) {
        let more: usize;
        do {
          if (fromEnd - from < 2) return CUT_SHORT;
          more = load<u8>(from++) as usize;
          length += more;
          if (length > toEnd - to) return TOO_MUCH;
        } while (more === 255);
      }
      if (fromEnd - from < 2) return CUT_SHORT;
      length += 3;
      let distance = (command & 31) << 8;
      const low = load<u8>(from++) as usize;
      if (low === 255 && distance === 31 << 8) {
        if (fromEnd - from < 3) return CUT_SHORT;
        distance = FAR + (((load<u8>(from) as usize) << 8) | (load<u8>(from + 1) as usize));
        from += 2;
      } else {
        distance += low;
      }
      distance++;
      if (length > toEnd - to) return TOO_MUCH;
      if (distance > to - start) return CORRUPT;
      copyMatch(to, distance, length);
      to += length;
    }
    if (from >= fromEnd) return CUT_SHORT;
    command = load<u8>(from++) as usize;
  }
}
