import { LZ4_POSITIONS } from "./layout";

const HASH_BITS: u32 = 14;
const SHORTEST_MATCH: usize = 4;
/** The last match starts at least so far before the end, and the last literals are at least five. */
const MATCH_LIMIT: usize = 12;
const LAST_LITERALS: usize = 5;
const FARTHEST: usize = 65535;

/**
 * Encodes bytes as one LZ4 block, greedily, with one remembered position a hash.
 *
 * @param to has room for `length + length / 255 + 16` bytes
 * @param acceleration from 1 on: how soon it gives up on bytes that do not compress
 * @returns bytes of the block
 */
export function encodeLz4(from: usize, length: usize, to: usize, acceleration: u32): usize {
  const end = from + length;
  const start = to;
  let anchor = from;
  if (length > MATCH_LIMIT) {
    // Positions are kept as distances from `origin`, so that 0 means none.
    const origin = from - 1;
    memory.fill(LZ4_POSITIONS, 0, 4 << HASH_BITS);
    const matchStartLimit = end - MATCH_LIMIT;
    const matchEnd = end - LAST_LITERALS;
    let at = from;
    let searches: u32 = acceleration << 6;
    while (at <= matchStartLimit) {
      const word = load<u32>(at, 0, 1);
      const slot = LZ4_POSITIONS + ((((word * 2654435761) >> (32 - HASH_BITS)) as usize) << 2);
      const known = load<u32>(slot) as usize;
      store<u32>(slot, (at - origin) as u32);
      let match = origin + known;
      if (known === 0 || at - match > FARTHEST || load<u32>(match, 0, 1) !== word) {
        at += (searches++ >> 6) as usize;
        continue;
      }
      searches = acceleration << 6;
      while (at > anchor && match > from && load<u8>(at - 1) === load<u8>(match - 1)) {
        at--;
        match--;
      }
      const matched = SHORTEST_MATCH + matchLength(at + SHORTEST_MATCH, match + SHORTEST_MATCH, matchEnd);
      to = writeSequence(to, anchor, at - anchor, at - match, matched);
      at += matched;
      anchor = at;
      if (at > matchStartLimit) break;
      // The position before the next one is often the start of the same pattern.
      const before = at - 2;
      store<u32>(
        LZ4_POSITIONS + ((((load<u32>(before, 0, 1) * 2654435761) >> (32 - HASH_BITS)) as usize) << 2),
        (before - origin) as u32,
      );
    }
  }
  const rest = end - anchor;
  to = writeLength(to, rest, 0);
  memory.copy(to, anchor, rest);
  return to + rest - start;
}

/** How many bytes from `a` on, up to `end`, are those from `b` on. */
// @ts-ignore: decorator
@inline
function matchLength(a: usize, b: usize, end: usize): usize {
  const start = a;
  if (ASC_FEATURE_SIMD) {
    while (a + 8 <= end) {
      const difference = load<u64>(a, 0, 1) ^ load<u64>(b, 0, 1);
      if (difference !== 0) return a - start + ((ctz(difference) >> 3) as usize);
      a += 8;
      b += 8;
    }
  }
  while (a < end && load<u8>(a) === load<u8>(b)) {
    a++;
    b++;
  }
  return a - start;
}

/** The token with the length of literals in its upper half, and what of the length does not fit there. */
function writeLength(to: usize, literals: usize, low: usize): usize {
  if (literals < 15) {
    store<u8>(to, ((literals << 4) | low) as u8);
    return to + 1;
  }
  store<u8>(to, (0xf0 | low) as u8);
  return writeMore(to + 1, literals - 15);
}

function writeMore(to: usize, rest: usize): usize {
  for (; rest >= 255; rest -= 255) store<u8>(to++, 255);
  store<u8>(to, rest as u8);
  return to + 1;
}

function writeSequence(to: usize, anchor: usize, literals: usize, distance: usize, matched: usize): usize {
  const length = matched - SHORTEST_MATCH;
  to = writeLength(to, literals, length < 15 ? length : 15);
  // Literals can be written in words: what is written too much is overwritten, the room has slack.
  if (ASC_FEATURE_SIMD) {
    for (let k: usize = 0; k < literals; k += 16) v128.store(to + k, v128.load(anchor + k));
  } else {
    memory.copy(to, anchor, literals);
  }
  to += literals;
  store<u16>(to, distance as u16, 0, 1);
  to += 2;
  return length < 15 ? to : writeMore(to, length - 15);
}
