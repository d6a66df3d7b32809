import { PATTERNS } from "./layout";

/**
 * Copies that write whole words: up to 15 bytes behind the end get arbitrary values, and as many are read there.
 * `memory.copy` costs as much as a call of a function, so that short copies are loops.
 *
 * @module
 */

/** Above this `memory.copy` is faster than a loop. */
const LONG: usize = 512;

/** Copies between regions that do not overlap. */
// @ts-ignore: decorator
@inline
export function copyLiterals(to: usize, from: usize, length: usize): void {
  if (ASC_FEATURE_SIMD) {
    if (length > LONG) {
      memory.copy(to, from, length);
      return;
    }
    const end = to + length;
    do {
      v128.store(to, v128.load(from));
      to += 16;
      from += 16;
    } while (to < end);
  } else if (length > 24) {
    memory.copy(to, from, length);
  } else {
    for (let k: usize = 0; k < length; k++) store<u8>(to + k, load<u8>(from + k));
  }
}

/** Copies `length` bytes (at least 1) from `distance` (at least 1) bytes before `to`, which may overlap. */
// @ts-ignore: decorator
@inline
export function copyMatch(to: usize, distance: usize, length: usize): void {
  if (ASC_FEATURE_SIMD) {
    const end = to + length;
    let from = to - distance;
    if (distance >= 16) {
      do {
        v128.store(to, v128.load(from));
        to += 16;
        from += 16;
      } while (to < end);
    } else {
      // The bytes of one period, repeated; each step is a whole number of periods.
      const pattern = i8x16.swizzle(v128.load(from), v128.load(PATTERNS + (distance << 4)));
      const step = load<u8>(PATTERNS + distance) as usize;
      do {
        v128.store(to, pattern);
        to += step;
      } while (to < end);
    }
  } else if (distance === 1) {
    memory.fill(to, load<u8>(to - 1), length);
  } else if (distance >= length && length > 24) {
    memory.copy(to, to - distance, length);
  } else {
    for (let k: usize = 0; k < length; k++) store<u8>(to + k, load<u8>(to + k - distance));
  }
}

/** Fills the table of patterns: byte `k` of row `d` is `k % d`, and row 0 has the steps. */
export function preparePatterns(): void {
  for (let distance: usize = 1; distance < 16; distance++) {
    store<u8>(PATTERNS + distance, (16 - (16 % distance)) as u8);
    for (let k: usize = 0; k < 16; k++) store<u8>(PATTERNS + (distance << 4) + k, (k % distance) as u8);
  }
}
