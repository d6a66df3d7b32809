import { INFLATE_SORTED } from "./layout";

/**
 * Tables of the canonical Huffman codes of deflate (RFC 1951, 3.2.2).
 *
 * @module
 */

/** Marks entries that lead to a second table: its first entry, and the bits it takes. */
export const SECOND: u32 = 0x80;
/** Marks entries of symbols below 256. */
export const LITERAL: u32 = 0x40;

/** The entry of the code that the lowest bits begin with. */
// @ts-ignore: decorator
@inline
export function lookUp(table: usize, rootBits: u32, w: u64): u32 {
  const entry = load<u32>(table + (((w as u32) & ((1 << rootBits) - 1)) << 2));
  if (!(entry & SECOND)) return entry;
  const index = (entry >> 16) + (((w as u32) >> rootBits) & ((1 << ((entry >> 8) & 15)) - 1));
  return load<u32>(table + (index << 2));
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
export function buildTable(lengths: usize, count: u32, table: usize, rootBits: u32, single: bool): bool {
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
