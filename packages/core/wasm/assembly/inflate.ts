import { copyMatch } from "./copy";
import { CODE_LENGTH_ORDER, DISTANCE_BASES, DISTANCE_BITS, DISTANCE_BITS_OF } from "./deflate-constants";
import { LENGTH_BASES, LENGTH_BITS, LITERAL_BITS } from "./deflate-constants";
import { CORRUPT, CUT_SHORT, TOO_MUCH } from "./fault";
import { buildTable, LITERAL, lookUp, SECOND } from "./huffman-table";
import { INFLATE_DISTANCES, INFLATE_LENGTHS, INFLATE_LITERALS } from "./layout";

/**
 * Inflates (RFC 1951), and refuses what zlib refuses: codes that are over-subscribed or incomplete, lengths that no
 * symbol has, distances before the start.
 *
 * @module
 */

/** Where the last call stopped reading and writing. */
export let inflateFrom: usize = 0;
export let inflateTo: usize = 0;

/** Bits that are read and not used yet, and how many. */
let bits: u32 = 0;
let held: u32 = 0;
let at: usize = 0;
let limit: usize = 0;

/** Makes at least `count` bits (at most 16) available; behind the end they are zeros, and `at` tells. */
// @ts-ignore: decorator
@inline
function need(count: u32): void {
  while (held < count) {
    if (at < limit) bits |= (load<u8>(at) as u32) << held;
    at++;
    held += 8;
  }
}

// @ts-ignore: decorator
@inline
function take(count: u32): u32 {
  need(count);
  const value = bits & ((1 << count) - 1);
  bits >>= count;
  held -= count;
  return value;
}

/** @returns 0, or what is wrong; {@link inflateFrom} and {@link inflateTo} say where it stopped */
export function inflate(from: usize, fromEnd: usize, to: usize, toEnd: usize): i32 {
  bits = 0;
  held = 0;
  at = from;
  limit = fromEnd;
  const start = to;
  let last: u32 = 0;
  do {
    last = take(1);
    const type = take(2);
    if (type === 0) {
      // Whole bytes that are held are given back.
      at -= (held >> 3) as usize;
      bits = 0;
      held = 0;
      if (at + 4 > limit) return CUT_SHORT;
      const length = load<u16>(at, 0, 1) as usize;
      if ((length ^ (load<u16>(at, 2, 1) as usize)) !== 0xffff) return CORRUPT;
      at += 4;
      if (length > limit - at) return CUT_SHORT;
      if (length > toEnd - to) return TOO_MUCH;
      memory.copy(to, at, length);
      at += length;
      to += length;
      continue;
    }
    if (type === 3) return CORRUPT;
    const fault = type === 1 ? fixedCodes() : readCodes();
    if (fault < 0) return fault;
    const result = inflateBlock(start, to, toEnd);
    if (result < 0) return result;
    to = inflateTo;
    // Bits that are not there were read as zeros.
    if (at - ((held >> 3) as usize) > limit) return CUT_SHORT;
  } while (!last);
  inflateFrom = at - ((held >> 3) as usize);
  inflateTo = to;
  return inflateFrom > limit ? CUT_SHORT : 0;
}

/** One block of codes: as far as it goes in words of 64 bits, and the rest bit by bit. */
function inflateBlock(start: usize, to: usize, toEnd: usize): i32 {
  inflateTo = to;
  if (ASC_FEATURE_SIMD) {
    const result = inflateFast(start, to, toEnd);
    if (result !== MORE) return result;
  }
  return inflateSlowly(start, inflateTo, toEnd);
}

/** {@link inflateFast} came near an end. */
const MORE: i32 = 1;
/** The longest match, and what copies may write behind it. */
const LONGEST: usize = 258;

/** While 8 bytes can be read and a longest match written, with no other look at the ends. */
function inflateFast(start: usize, to: usize, toEnd: usize): i32 {
  let w: u64 = bits as u64;
  let n: u64 = held as u64;
  let p = at;
  const end = limit;
  let result = MORE;
  while (p + 8 <= end && to + LONGEST + 3 <= toEnd) {
    w |= load<u64>(p, 0, 1) << n;
    p += ((63 - n) >> 3) as usize;
    n |= 56;
    // Three literals have at most 45 bits; a length with its distance has at most 48.
    let entry = lookUp(INFLATE_LITERALS, LITERAL_BITS, w);
    if (entry & LITERAL) {
      w >>= (entry & 15) as u64;
      n -= (entry & 15) as u64;
      store<u8>(to++, (entry >> 16) as u8);
      entry = lookUp(INFLATE_LITERALS, LITERAL_BITS, w);
      if (entry & LITERAL) {
        w >>= (entry & 15) as u64;
        n -= (entry & 15) as u64;
        store<u8>(to++, (entry >> 16) as u8);
        entry = lookUp(INFLATE_LITERALS, LITERAL_BITS, w);
        if (entry & LITERAL) {
          w >>= (entry & 15) as u64;
          n -= (entry & 15) as u64;
          store<u8>(to++, (entry >> 16) as u8);
          continue;
        }
      }
      w |= load<u64>(p, 0, 1) << n;
      p += ((63 - n) >> 3) as usize;
      n |= 56;
    }
    const used = entry & 15;
    if (used === 0) {
      result = CORRUPT;
      break;
    }
    w >>= used as u64;
    n -= used as u64;
    const symbol = entry >> 16;
    if (symbol === 256) {
      result = 0;
      break;
    }
    if (symbol > 285) {
      result = CORRUPT;
      break;
    }
    let extra = load<u8>(LENGTH_BITS + symbol - 257) as u64;
    const length = (load<u16>(LENGTH_BASES + ((symbol - 257) << 1)) as u32) + ((w as u32) & ((1 << (extra as u32)) - 1));
    w >>= extra;
    n -= extra;
    entry = lookUp(INFLATE_DISTANCES, DISTANCE_BITS, w);
    const code = entry >> 16;
    if ((entry & 15) === 0 || code > 29) {
      result = CORRUPT;
      break;
    }
    w >>= (entry & 15) as u64;
    n -= (entry & 15) as u64;
    extra = load<u8>(DISTANCE_BITS_OF + code) as u64;
    const distance = (load<u16>(DISTANCE_BASES + (code << 1)) as u32) + ((w as u32) & ((1 << (extra as u32)) - 1));
    w >>= extra;
    n -= extra;
    if ((distance as usize) > to - start) {
      result = CORRUPT;
      break;
    }
    copyMatch(to, distance as usize, length as usize);
    to += length;
  }
  // Whole bytes are given back, so that the rest fits into 32 bits.
  p -= (n >> 3) as usize;
  n &= 7;
  bits = (w as u32) & ((1 << (n as u32)) - 1);
  held = n as u32;
  at = p;
  inflateTo = to;
  return result;
}

function inflateSlowly(start: usize, to: usize, toEnd: usize): i32 {
  let result = 0;
  while (true) {
    if (at > limit + 8) return CUT_SHORT;
    let entry = lookUpSlowly(INFLATE_LITERALS, LITERAL_BITS);
    let used = entry & 15;
    if (used === 0) {
      result = CORRUPT;
      break;
    }
    bits >>= used;
    held -= used;
    const symbol = entry >> 16;
    if (symbol < 256) {
      if (to === toEnd) {
        result = TOO_MUCH;
        break;
      }
      store<u8>(to++, symbol as u8);
      continue;
    }
    if (symbol === 256) break;
    if (symbol > 285) {
      result = CORRUPT;
      break;
    }
    const length = ((load<u16>(LENGTH_BASES + ((symbol - 257) << 1)) as u32) +
      take(load<u8>(LENGTH_BITS + symbol - 257) as u32)) as usize;
    entry = lookUpSlowly(INFLATE_DISTANCES, DISTANCE_BITS);
    used = entry & 15;
    const code = entry >> 16;
    if (used === 0 || code > 29) {
      result = CORRUPT;
      break;
    }
    bits >>= used;
    held -= used;
    const distance = ((load<u16>(DISTANCE_BASES + (code << 1)) as u32) +
      take(load<u8>(DISTANCE_BITS_OF + code) as u32)) as usize;
    if (distance > to - start) {
      result = CORRUPT;
      break;
    }
    if (length > toEnd - to) {
      result = TOO_MUCH;
      break;
    }
    copyMatch(to, distance, length);
    to += length;
  }
  inflateTo = to;
  return result;
}

// @ts-ignore: decorator
@inline
function lookUpSlowly(table: usize, rootBits: u32): u32 {
  need(15);
  const entry = load<u32>(table + ((bits & ((1 << rootBits) - 1)) << 2));
  if (!(entry & SECOND)) return entry;
  const index = (entry >> 16) + ((bits >> rootBits) & ((1 << ((entry >> 8) & 15)) - 1));
  return load<u32>(table + (index << 2));
}

/** RFC 1951, 3.2.6. */
function fixedCodes(): i32 {
  memory.fill(INFLATE_LENGTHS, 8, 144);
  memory.fill(INFLATE_LENGTHS + 144, 9, 112);
  memory.fill(INFLATE_LENGTHS + 256, 7, 24);
  memory.fill(INFLATE_LENGTHS + 280, 8, 8);
  buildTable(INFLATE_LENGTHS, 288, INFLATE_LITERALS, LITERAL_BITS, false);
  memory.fill(INFLATE_LENGTHS, 5, 32);
  buildTable(INFLATE_LENGTHS, 32, INFLATE_DISTANCES, DISTANCE_BITS, false);
  return 0;
}

/** The codes that a block brings (RFC 1951, 3.2.7). */
function readCodes(): i32 {
  const literals = take(5) + 257;
  const distances = take(5) + 1;
  const lengths = take(4) + 4;
  if (literals > 286 || distances > 30) return CORRUPT;
  memory.fill(INFLATE_LENGTHS, 0, 19);
  for (let k: u32 = 0; k < lengths; k++) {
    store<u8>(INFLATE_LENGTHS + (load<u8>(CODE_LENGTH_ORDER + k) as usize), take(3) as u8);
  }
  if (!buildTable(INFLATE_LENGTHS, 19, INFLATE_DISTANCES, DISTANCE_BITS, false)) return CORRUPT;
  const total = literals + distances;
  let k: u32 = 0;
  while (k < total) {
    if (at > limit + 8) return CUT_SHORT;
    need(7);
    const entry = load<u32>(INFLATE_DISTANCES + ((bits & 127) << 2));
    const used = entry & 15;
    if (used === 0) return CORRUPT;
    bits >>= used;
    held -= used;
    const symbol = entry >> 16;
    if (symbol < 16) {
      store<u8>(INFLATE_LENGTHS + k++, symbol as u8);
      continue;
    }
    let value: u8 = 0;
    let repeat: u32;
    if (symbol === 16) {
      if (k === 0) return CORRUPT;
      value = load<u8>(INFLATE_LENGTHS + k - 1);
      repeat = 3 + take(2);
    } else {
      repeat = symbol === 17 ? 3 + take(3) : 11 + take(7);
    }
    if (repeat > total - k) return CORRUPT;
    memory.fill(INFLATE_LENGTHS + k, value, repeat);
    k += repeat;
  }
  // Without an end a block would have none.
  if (load<u8>(INFLATE_LENGTHS + 256) === 0) return CORRUPT;
  // A second half of its own, as the literals' table is built from the first one.
  if (!buildTable(INFLATE_LENGTHS, literals, INFLATE_LITERALS, LITERAL_BITS, true)) return CORRUPT;
  if (!buildTable(INFLATE_LENGTHS + literals, distances, INFLATE_DISTANCES, DISTANCE_BITS, true)) return CORRUPT;
  return 0;
}
