import { copyMatch } from "./copy";
import { CORRUPT, CUT_SHORT, TOO_MUCH } from "./fault";
import { INFLATE_DISTANCES, INFLATE_LENGTHS, INFLATE_LITERALS, INFLATE_SORTED } from "./layout";

/**
 * Inflates (RFC 1951), and refuses what zlib refuses: codes that are over-subscribed or incomplete, lengths that no
 * symbol has, distances before the start.
 *
 * @module
 */

/** Bits that the first lookup takes; longer codes go on in a second table. */
const LITERAL_BITS: u32 = 10;
const DISTANCE_BITS: u32 = 8;

const LENGTH_BASES = memory.data<u16>([
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
]);
const LENGTH_BITS = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
]);
const DISTANCE_BASES = memory.data<u16>([
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
]);
const DISTANCE_BITS_OF = memory.data<u8>([
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
]);
const CODE_LENGTH_ORDER = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

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

// @ts-ignore: decorator
@inline
function lookUp(table: usize, rootBits: u32, w: u64): u32 {
  const entry = load<u32>(table + (((w as u32) & ((1 << rootBits) - 1)) << 2));
  if (!(entry & SECOND)) return entry;
  const index = (entry >> 16) + (((w as u32) >> rootBits) & ((1 << ((entry >> 8) & 15)) - 1));
  return load<u32>(table + (index << 2));
}

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
    if (at > limit + 8) {
      result = CUT_SHORT;
      break;
    }
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

/** Marks entries that lead to a second table: its first entry, and the bits it takes. */
const SECOND: u32 = 0x80;
/** Marks entries of symbols below 256. */
const LITERAL: u32 = 0x40;

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

const COUNTS = memory.data(32);
const OFFSETS = memory.data(32);

/**
 * Builds the tables of a canonical Huffman code (RFC 1951, 3.2.2). An entry is the symbol and the number of bits in
 * the four lowest ones, or {@link SECOND}; entries of no code are 0.
 *
 * @param single whether a code of one symbol with one bit may be incomplete, as in zlib
 * @returns whether the lengths are those of a code
 */
function buildTable(lengths: usize, count: u32, table: usize, rootBits: u32, single: bool): bool {
  memory.fill(COUNTS, 0, 32);
  let longest: u32 = 0;
  for (let k: u32 = 0; k < count; k++) {
    const length = load<u8>(lengths + k) as u32;
    const slot = COUNTS + (length << 1);
    store<u16>(slot, load<u16>(slot) + 1);
    longest = max(longest, length);
  }
  memory.fill(table, 0, 4 << rootBits);
  // A block of literals only needs no distances.
  if (longest === 0) return single;
  let left: i32 = 1;
  for (let length: u32 = 1; length <= 15; length++) {
    left = (left << 1) - (load<u16>(COUNTS + (length << 1)) as i32);
    if (left < 0) return false;
  }
  if (left > 0 && !(single && longest === 1)) return false;

  let offset: u32 = 0;
  for (let length: u32 = 1; length <= 15; length++) {
    store<u16>(OFFSETS + (length << 1), offset as u16);
    offset += load<u16>(COUNTS + (length << 1));
  }
  for (let k: u32 = 0; k < count; k++) {
    const length = load<u8>(lengths + k) as u32;
    if (length === 0) continue;
    const slot = OFFSETS + (length << 1);
    const position = load<u16>(slot) as u32;
    store<u16>(INFLATE_SORTED + (position << 1), k as u16);
    store<u16>(slot, (position + 1) as u16);
  }

  let code: u32 = 0;
  let sorted: u32 = 0;
  let next: u32 = 1 << rootBits;
  let prefix: u32 = 0xffffffff;
  let second: u32 = 0;
  let secondBits: u32 = 0;
  for (let length: u32 = 1; length <= longest; length++) {
    for (let rest = load<u16>(COUNTS + (length << 1)) as u32; rest > 0; rest--) {
      const symbol = load<u16>(INFLATE_SORTED + (sorted++ << 1)) as u32;
      const entry = (symbol << 16) | (symbol < 256 ? LITERAL : 0) | length;
      const reversed = reverse(code, length);
      if (length <= rootBits) {
        for (let k = reversed; k < 1 << rootBits; k += 1 << length) store<u32>(table + (k << 2), entry);
      } else {
        const root = reversed & ((1 << rootBits) - 1);
        if (root !== prefix) {
          prefix = root;
          second = next;
          // As many bits as the codes with this beginning need.
          secondBits = length - rootBits;
          let room: i32 = (1 << secondBits) - rest;
          while (room > 0 && secondBits + rootBits < longest) {
            secondBits++;
            room = (room << 1) - (load<u16>(COUNTS + ((secondBits + rootBits) << 1)) as i32);
          }
          next += 1 << secondBits;
          memory.fill(table + (second << 2), 0, 4 << secondBits);
          store<u32>(table + (root << 2), (second << 16) | (secondBits << 8) | SECOND);
        }
        const step = length - rootBits;
        for (let k = reversed >> rootBits; k < 1 << secondBits; k += 1 << step) {
          store<u32>(table + ((second + k) << 2), entry);
        }
      }
      code++;
    }
    code <<= 1;
  }
  return true;
}

function reverse(code: u32, length: u32): u32 {
  let out: u32 = 0;
  for (; length > 0; length--) {
    out = (out << 1) | (code & 1);
    code >>= 1;
  }
  return out;
}
