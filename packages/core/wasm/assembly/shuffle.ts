/**
 * The byte shuffle of Blosc and numcodecs: byte `k` of all elements, for each `k`; bytes behind the last whole
 * element stay where they are. Element sizes of 2, 4 and 8 have loops of their own.
 *
 * @module
 */

/** From planes of bytes to elements. */
export function unshuffle(from: usize, to: usize, length: usize, itemSize: usize): void {
  const count = length / itemSize;
  let done: usize = 0;
  if (ASC_FEATURE_SIMD) {
    if (itemSize === 2) done = unshuffle2(from, to, count);
    else if (itemSize === 4) done = unshuffle4(from, to, count);
    else if (itemSize === 8) done = unshuffle8(from, to, count);
  } else if (((from | to | count) & 3) === 0) {
    if (itemSize === 2) done = unshuffleWords2(from, to, count);
    else if (itemSize === 4) done = unshuffleWords4(from, to, count);
  }
  for (let k: usize = 0; k < itemSize; k++) {
    const plane = from + k * count;
    for (let i = done, at = to + done * itemSize + k; i < count; i++, at += itemSize) {
      store<u8>(at, load<u8>(plane + i));
    }
  }
  const whole = count * itemSize;
  if (length > whole) memory.copy(to + whole, from + whole, length - whole);
}

/** From elements to planes of bytes. */
export function shuffle(from: usize, to: usize, length: usize, itemSize: usize): void {
  const count = length / itemSize;
  let done: usize = 0;
  if (ASC_FEATURE_SIMD) {
    if (itemSize === 2) done = shuffle2(from, to, count);
    else if (itemSize === 4) done = shuffle4(from, to, count);
    else if (itemSize === 8) done = shuffle8(from, to, count);
  }
  for (let k: usize = 0; k < itemSize; k++) {
    const plane = to + k * count;
    for (let i = done, at = from + done * itemSize + k; i < count; i++, at += itemSize) {
      store<u8>(plane + i, load<u8>(at));
    }
  }
  const whole = count * itemSize;
  if (length > whole) memory.copy(to + whole, from + whole, length - whole);
}

// @ts-ignore: decorator
@inline
function lowBytes(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// @ts-ignore: decorator
@inline
function highBytes(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

// @ts-ignore: decorator
@inline
function evenBytes(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}

// @ts-ignore: decorator
@inline
function oddBytes(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}

function unshuffle2(from: usize, to: usize, count: usize): usize {
  const whole = count & ~15;
  for (let i: usize = 0; i < whole; i += 16, to += 32) {
    const a = v128.load(from + i);
    const b = v128.load(from + count + i);
    v128.store(to, lowBytes(a, b));
    v128.store(to, highBytes(a, b), 16);
  }
  return whole;
}

function unshuffle4(from: usize, to: usize, count: usize): usize {
  const whole = count & ~15;
  for (let i: usize = 0; i < whole; i += 16, to += 64) {
    const plane = from + i;
    const a = v128.load(plane);
    const b = v128.load(plane + count);
    const c = v128.load(plane + 2 * count);
    const d = v128.load(plane + 3 * count);
    // Interleaved twice, first those that are two planes apart.
    const ac = lowBytes(a, c);
    const bd = lowBytes(b, d);
    v128.store(to, lowBytes(ac, bd));
    v128.store(to, highBytes(ac, bd), 16);
    const acHigh = highBytes(a, c);
    const bdHigh = highBytes(b, d);
    v128.store(to, lowBytes(acHigh, bdHigh), 32);
    v128.store(to, highBytes(acHigh, bdHigh), 48);
  }
  return whole;
}

/** Eight vectors, byte by byte in turn: 128 bytes. */
// @ts-ignore: decorator
@inline
export function interleave8(
  to: usize,
  a: v128,
  b: v128,
  c: v128,
  d: v128,
  e: v128,
  f: v128,
  g: v128,
  h: v128,
): void {
  const ae = lowBytes(a, e);
  const bf = lowBytes(b, f);
  const cg = lowBytes(c, g);
  const dh = lowBytes(d, h);
  storeFour(to, ae, bf, cg, dh);
  const aeHigh = highBytes(a, e);
  const bfHigh = highBytes(b, f);
  const cgHigh = highBytes(c, g);
  const dhHigh = highBytes(d, h);
  storeFour(to + 64, aeHigh, bfHigh, cgHigh, dhHigh);
}

// @ts-ignore: decorator
@inline
function storeFour(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ac = lowBytes(a, c);
  const bd = lowBytes(b, d);
  v128.store(to, lowBytes(ac, bd));
  v128.store(to, highBytes(ac, bd), 16);
  const acHigh = highBytes(a, c);
  const bdHigh = highBytes(b, d);
  v128.store(to, lowBytes(acHigh, bdHigh), 32);
  v128.store(to, highBytes(acHigh, bdHigh), 48);
}

function unshuffle8(from: usize, to: usize, count: usize): usize {
  const whole = count & ~15;
  for (let i: usize = 0; i < whole; i += 16, to += 128) {
    const plane = from + i;
    interleave8(
      to,
      v128.load(plane),
      v128.load(plane + count),
      v128.load(plane + 2 * count),
      v128.load(plane + 3 * count),
      v128.load(plane + 4 * count),
      v128.load(plane + 5 * count),
      v128.load(plane + 6 * count),
      v128.load(plane + 7 * count),
    );
  }
  return whole;
}

function shuffle2(from: usize, to: usize, count: usize): usize {
  const whole = count & ~15;
  for (let i: usize = 0; i < whole; i += 16, from += 32) {
    const a = v128.load(from);
    const b = v128.load(from, 16);
    v128.store(to + i, evenBytes(a, b));
    v128.store(to + count + i, oddBytes(a, b));
  }
  return whole;
}

function shuffle4(from: usize, to: usize, count: usize): usize {
  const whole = count & ~15;
  for (let i: usize = 0; i < whole; i += 16, from += 64) {
    const a = v128.load(from);
    const b = v128.load(from, 16);
    const c = v128.load(from, 32);
    const d = v128.load(from, 48);
    const even = evenBytes(a, b);
    const evenLater = evenBytes(c, d);
    const odd = oddBytes(a, b);
    const oddLater = oddBytes(c, d);
    const at = to + i;
    v128.store(at, evenBytes(even, evenLater));
    v128.store(at + count, evenBytes(odd, oddLater));
    v128.store(at + 2 * count, oddBytes(even, evenLater));
    v128.store(at + 3 * count, oddBytes(odd, oddLater));
  }
  return whole;
}

/** Halves of 64 elements' bytes: the even or odd ones of two pairs of vectors, four planes from each. */
function shuffle8(from: usize, to: usize, count: usize): usize {
  const whole = count & ~15;
  for (let i: usize = 0; i < whole; i += 16, from += 128) {
    const a = v128.load(from);
    const b = v128.load(from, 16);
    const c = v128.load(from, 32);
    const d = v128.load(from, 48);
    const e = v128.load(from, 64);
    const f = v128.load(from, 80);
    const g = v128.load(from, 96);
    const h = v128.load(from, 112);
    storePlanes(to + i, count, evenBytes(a, b), evenBytes(c, d), evenBytes(e, f), evenBytes(g, h));
    storePlanes(to + count + i, count, oddBytes(a, b), oddBytes(c, d), oddBytes(e, f), oddBytes(g, h));
  }
  return whole;
}

/** Planes 0, 2, 4 and 6 from `to` on, of bytes that are four to an element. */
// @ts-ignore: decorator
@inline
function storePlanes(to: usize, count: usize, a: v128, b: v128, c: v128, d: v128): void {
  const even = evenBytes(a, b);
  const evenLater = evenBytes(c, d);
  const odd = oddBytes(a, b);
  const oddLater = oddBytes(c, d);
  v128.store(to, evenBytes(even, evenLater));
  v128.store(to + 2 * count, evenBytes(odd, oddLater));
  v128.store(to + 4 * count, oddBytes(even, evenLater));
  v128.store(to + 6 * count, oddBytes(odd, oddLater));
}

/** In words of four bytes, where there is no SIMD: all addresses are multiples of four. */
function unshuffleWords2(from: usize, to: usize, count: usize): usize {
  for (let i: usize = 0; i < count; i += 4, to += 8) {
    const a = load<u32>(from + i);
    const b = load<u32>(from + count + i);
    store<u32>(to, spread(a) | (spread(b) << 8));
    store<u32>(to + 4, spread(a >> 16) | (spread(b >> 16) << 8));
  }
  return count;
}

/** The two lower bytes, with a byte between them. */
// @ts-ignore: decorator
@inline
function spread(word: u32): u32 {
  return (word & 0xff) | ((word & 0xff00) << 8);
}

function unshuffleWords4(from: usize, to: usize, count: usize): usize {
  for (let i: usize = 0; i < count; i += 4, to += 16) {
    const plane = from + i;
    const a = load<u32>(plane);
    const b = load<u32>(plane + count);
    const c = load<u32>(plane + 2 * count);
    const d = load<u32>(plane + 3 * count);
    const ab = spread(a) | (spread(b) << 8);
    const cd = spread(c) | (spread(d) << 8);
    store<u32>(to, (ab & 0xffff) | (cd << 16));
    store<u32>(to + 4, (ab >> 16) | (cd & 0xffff0000));
    const abHigh = spread(a >> 16) | (spread(b >> 16) << 8);
    const cdHigh = spread(c >> 16) | (spread(d >> 16) << 8);
    store<u32>(to + 8, (abHigh & 0xffff) | (cdHigh << 16));
    store<u32>(to + 12, (abHigh >> 16) | (cdHigh & 0xffff0000));
  }
  return count;
}
