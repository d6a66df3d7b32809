import { copyLiterals, copyMatch } from "./copy";
import { CORRUPT, CUT_SHORT, TOO_MUCH } from "./fault";

/** The last bytes of a block are literals, and so is the whole of the end that a match may not reach. */
const LAST_LITERALS: usize = 5;
const MATCH_LIMIT: usize = 12;
const SHORTEST_MATCH: usize = 4;

/**
 * Decodes one LZ4 block into exactly `to` … `toEnd`. Accepts nothing that LZ4_decompress_safe refuses, the rules for
 * the end of a block among it (lz4_Block_format.md, "End of block conditions").
 *
 * @returns 0, or what is wrong
 */
export function decodeLz4(from: usize, fromEnd: usize, to: usize, toEnd: usize): i32 {
  const start = to;
  while (true) {
    if (from >= fromEnd) return CUT_SHORT;
    const token = load<u8>(from++) as usize;

    let length = token >> 4;
    if (length === 15) {
      let more: usize;
      do {
        if (from >= fromEnd) return CUT_SHORT;
        more = load<u8>(from++) as usize;
        length += more;
        // Before the next step, as sums of many bytes overflow.
        if (length > toEnd - to) return TOO_MUCH;
      } while (more === 255);
    }
    if (length > toEnd - to) return TOO_MUCH;
    if (length > fromEnd - from) return CUT_SHORT;
    if (length > 0) copyLiterals(to, from, length);
    to += length;
    from += length;
    const rest = fromEnd - from;
    if (rest === 0) return to === toEnd ? 0 : CUT_SHORT;
    if (rest < 3 + LAST_LITERALS || toEnd - to < MATCH_LIMIT) return CORRUPT;

    const distance = load<u16>(from, 0, 1) as usize;
    from += 2;
    if (distance === 0 || distance > to - start) return CORRUPT;
    length = token & 15;
    if (length === 15) {
      let more: usize;
      do {
        if (from >= fromEnd - LAST_LITERALS) return CUT_SHORT;
        more = load<u8>(from++) as usize;
        length += more;
        if (length > toEnd - to) return TOO_MUCH;
      } while (more === 255);
    }
    length += SHORTEST_MATCH;
    if (length > toEnd - to) return TOO_MUCH;
    if (length > toEnd - to - LAST_LITERALS) return CORRUPT;
    copyMatch(to, distance, length);
    to += length;
  }
}
