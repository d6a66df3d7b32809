import { copyMatch } from "./copy";
import { CORRUPT } from "./fault";
import { LZW_LITERALS, LZW_STRINGS } from "./layout";

const CLEAR: u32 = 256;
const END: u32 = 257;
/** The first code of a string. */
const FIRST: u32 = 258;
/** Codes have 9 to 12 bits. */
const LEAST_BITS: u32 = 9;
const MOST_BITS: u32 = 12;
const MOST_CODES: u32 = 1 << MOST_BITS;

/**
 * Decodes LZW of TIFF 6.0 (section 13) until `toEnd`; what follows is not looked at.
 *
 * No string is stored: each is where it was in the output when its code was defined, and those of one byte are in a list
 * of all bytes, so that both are copied alike. Which of them comes next cannot be predicted.
 *
 * @param oldStyle whether codes have their least significant bit first, and grow one later, as libtiff's old-style LZW
 * @returns bytes that came out, fewer than there is room for where the codes end early, or what is wrong
 */
export function decodeLzw(from: usize, fromEnd: usize, to: usize, toEnd: usize, oldStyle: bool): i32 {
  for (let byte: usize = 0; byte < 256; byte++) {
    store<u8>(LZW_LITERALS + byte, byte as u8);
    defineString(byte as u32, LZW_LITERALS + byte, 1);
  }
  const start = to;
  const late: u32 = oldStyle ? 0 : 1;
  // The bit at which the next code starts in the byte at `from`.
  let shift: u32 = 0;
  let width = LEAST_BITS;
  // The first code after a Clear code defines nothing: what it would define is END's, which is no string.
  let next = FIRST - 1;
  /** The number of codes at which they grow. */
  let limit: u32 = (1 << LEAST_BITS) - late;
  let last = to;
  let lastLength: usize = 0;
  while (to < toEnd) {
    const word = load<u32>(from, 0, 1);
    const code = oldStyle ? (word >> shift) & ((1 << width) - 1) : (bswap(word) << shift) >> (32 - width);
    shift += width;
    from += shift >> 3;
    shift &= 7;
    // Nothing comes of a code that is not all there.
    if (from >= fromEnd && (from > fromEnd || shift > 0)) break;
    if (code - CLEAR <= END - CLEAR) {
      if (code === END) break;
      width = LEAST_BITS;
      next = FIRST - 1;
      limit = (1 << LEAST_BITS) - late;
      continue;
    }
    // The new string is the one that was read last and the first byte of this one, which follows it in the output.
    if (next < MOST_CODES) {
      defineString(next, last, lastLength + 1);
      next++;
      if (next === limit && width < MOST_BITS) {
        width++;
        limit = (1 << width) - late;
      }
    }
    if (code >= next) return CORRUPT;
    const at = LZW_STRINGS + ((code as usize) << 3);
    const string = load<u32>(at) as usize;
    last = to;
    lastLength = min(load<u32>(at, 4) as usize, toEnd - to);
    const distance = to - string;
    if (ASC_FEATURE_SIMD && distance >= 16 && lastLength <= 16) v128.store(to, v128.load(string));
    else copyMatch(to, distance, lastLength);
    to += lastLength;
  }
  return (to - start) as i32;
}

// @ts-ignore: decorator
@inline
function defineString(code: u32, at: usize, length: usize): void {
  store<u32>(LZW_STRINGS + ((code as usize) << 3), at as u32);
  store<u32>(LZW_STRINGS + ((code as usize) << 3), length as u32, 4);
}
