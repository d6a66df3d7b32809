import { interleave8, shuffle, unshuffle } from "./shuffle";

/**
 * The bit shuffle of Blosc 1: bit `b` of byte `k` of all elements, for each `k` and each `b`, the first element in
 * the lowest bit. Where the elements are no multiple of eight, nothing is shuffled (c-blosc 1.21, shuffle.c).
 *
 * @module
 */

/** From rows of bits to elements; `scratch` has room for as many bytes, with slack. */
export function bitUnshuffle(from: usize, to: usize, scratch: usize, length: usize, itemSize: usize): void {
  const count = length / itemSize;
  if (count % 8 !== 0) {
    memory.copy(to, from, length);
    return;
  }
  const rowLength = count >> 3;
  // Elements of one byte have one plane, which needs no second step.
  const planes = itemSize === 1 ? to : scratch;
  for (let k: usize = 0; k < itemSize; k++) rowsToPlane(from + k * count, planes + k * count, rowLength);
  if (itemSize > 1) unshuffle(planes, to, count * itemSize, itemSize);
  const whole = count * itemSize;
  if (length > whole) memory.copy(to + whole, from + whole, length - whole);
}

/** From elements to rows of bits. */
export function bitShuffle(from: usize, to: usize, scratch: usize, length: usize, itemSize: usize): void {
  const count = length / itemSize;
  if (count % 8 !== 0) {
    memory.copy(to, from, length);
    return;
  }
  const rowLength = count >> 3;
  let planes = from;
  if (itemSize > 1) {
    shuffle(from, scratch, count * itemSize, itemSize);
    planes = scratch;
  }
  for (let k: usize = 0; k < itemSize; k++) planeToRows(planes + k * count, to + k * count, rowLength);
  const whole = count * itemSize;
  if (length > whole) memory.copy(to + whole, from + whole, length - whole);
}

/** Transposes the 8 × 8 bits of each byte of eight vectors, in three exchanges (Hacker's Delight, 7-3). */
function rowsToPlane(from: usize, to: usize, rowLength: usize): void {
  let j: usize = 0;
  if (ASC_FEATURE_SIMD) {
    const m1 = i8x16.splat(0x55);
    const m2 = i8x16.splat(0x33);
    const m4 = i8x16.splat(0x0f);
    for (; j + 16 <= rowLength; j += 16) {
      const row = from + j;
      let a = v128.load(row);
      let b = v128.load(row + rowLength);
      let c = v128.load(row + 2 * rowLength);
      let d = v128.load(row + 3 * rowLength);
      let e = v128.load(row + 4 * rowLength);
      let f = v128.load(row + 5 * rowLength);
      let g = v128.load(row + 6 * rowLength);
      let h = v128.load(row + 7 * rowLength);
      let t = v128.and(v128.xor(v128.shr<u8>(a, 4), e), m4);
      a = v128.xor(a, v128.shl<u8>(t, 4));
      e = v128.xor(e, t);
      t = v128.and(v128.xor(v128.shr<u8>(b, 4), f), m4);
      b = v128.xor(b, v128.shl<u8>(t, 4));
      f = v128.xor(f, t);
      t = v128.and(v128.xor(v128.shr<u8>(c, 4), g), m4);
      c = v128.xor(c, v128.shl<u8>(t, 4));
      g = v128.xor(g, t);
      t = v128.and(v128.xor(v128.shr<u8>(d, 4), h), m4);
      d = v128.xor(d, v128.shl<u8>(t, 4));
      h = v128.xor(h, t);
      t = v128.and(v128.xor(v128.shr<u8>(a, 2), c), m2);
      a = v128.xor(a, v128.shl<u8>(t, 2));
      c = v128.xor(c, t);
      t = v128.and(v128.xor(v128.shr<u8>(b, 2), d), m2);
      b = v128.xor(b, v128.shl<u8>(t, 2));
      d = v128.xor(d, t);
      t = v128.and(v128.xor(v128.shr<u8>(e, 2), g), m2);
      e = v128.xor(e, v128.shl<u8>(t, 2));
      g = v128.xor(g, t);
      t = v128.and(v128.xor(v128.shr<u8>(f, 2), h), m2);
      f = v128.xor(f, v128.shl<u8>(t, 2));
      h = v128.xor(h, t);
      t = v128.and(v128.xor(v128.shr<u8>(a, 1), b), m1);
      a = v128.xor(a, v128.shl<u8>(t, 1));
      b = v128.xor(b, t);
      t = v128.and(v128.xor(v128.shr<u8>(c, 1), d), m1);
      c = v128.xor(c, v128.shl<u8>(t, 1));
      d = v128.xor(d, t);
      t = v128.and(v128.xor(v128.shr<u8>(e, 1), f), m1);
      e = v128.xor(e, v128.shl<u8>(t, 1));
      f = v128.xor(f, t);
      t = v128.and(v128.xor(v128.shr<u8>(g, 1), h), m1);
      g = v128.xor(g, v128.shl<u8>(t, 1));
      h = v128.xor(h, t);
      interleave8(to + (j << 3), a, b, c, d, e, f, g, h);
    }
  }
  for (; j < rowLength; j++) {
    const row = from + j;
    // Eight bits of eight rows, in two words of four rows.
    const low = fourRows(row, rowLength);
    const high = fourRows(row + 4 * rowLength, rowLength);
    transposeBits(low, high, to + (j << 3), 1);
  }
}

function planeToRows(from: usize, to: usize, rowLength: usize): void {
  let j: usize = 0;
  if (ASC_FEATURE_SIMD) {
    // Sixteen bytes of the plane give two bytes of each row: the highest bits, then the next ones.
    for (; j + 2 <= rowLength; j += 2) {
      let bytes = v128.load(from + (j << 3));
      for (let bit: isize = 7; bit >= 0; bit--) {
        store<u16>(to + (bit as usize) * rowLength + j, i8x16.bitmask(bytes) as u16, 0, 1);
        bytes = v128.shl<u8>(bytes, 1);
      }
    }
  }
  for (; j < rowLength; j++) {
    const at = from + (j << 3);
    transposeBits(fourRows(at, 1), fourRows(at + 4, 1), to + j, rowLength);
  }
}

/** Four bytes that are `stride` apart, the first in the lowest byte. */
// @ts-ignore: decorator
@inline
function fourRows(at: usize, stride: usize): u32 {
  return (
    (load<u8>(at) as u32) |
    ((load<u8>(at + stride) as u32) << 8) |
    ((load<u8>(at + 2 * stride) as u32) << 16) |
    ((load<u8>(at + 3 * stride) as u32) << 24)
  );
}

/** Transposes 8 × 8 bits and stores the eight bytes `stride` apart (Hacker's Delight, 7-3). */
// @ts-ignore: decorator
@inline
function transposeBits(low: u32, high: u32, to: usize, stride: usize): void {
  let t = (low ^ (low >> 7)) & 0x00aa00aa;
  low = low ^ t ^ (t << 7);
  t = (high ^ (high >> 7)) & 0x00aa00aa;
  high = high ^ t ^ (t << 7);
  t = (low ^ (low >> 14)) & 0x0000cccc;
  low = low ^ t ^ (t << 14);
  t = (high ^ (high >> 14)) & 0x0000cccc;
  high = high ^ t ^ (t << 14);
  const first = (low & 0x0f0f0f0f) | ((high << 4) & 0xf0f0f0f0);
  const second = ((low >> 4) & 0x0f0f0f0f) | (high & 0xf0f0f0f0);
  for (let k: usize = 0; k < 4; k++) {
    store<u8>(to + k * stride, (first >> ((k << 3) as u32)) as u8);
    store<u8>(to + (k + 4) * stride, (second >> ((k << 3) as u32)) as u8);
  }
}
