import { CORRUPT, CUT_SHORT } from "../fault";
import { ZSTD_HUFFMAN, ZSTD_SPREAD, ZSTD_WEIGHT_TABLE, ZSTD_WEIGHTS } from "../layout";
import { peek, smallWindow, streamStart, window } from "./bits";
import { nextOf, readCounts, spreadSymbols, tableLog } from "./fse";

const LONGEST_CODE: u32 = 11;
const MOST_WEIGHTS: u32 = 255;

/** Bits that the table of literals looks up; 0 as long as there is none. */
let codeBits: u32 = 0;

export function forgetHuffman(): void {
  codeBits = 0;
}

export function knowsHuffman(): bool {
  return codeBits !== 0;
}

/**
 * Reads a Huffman tree (RFC 8878, 4.2.1) and builds the table of literals: an entry is the symbol in the lower byte and
 * the length of its code in the upper one.
 *
 * @returns how many bytes the tree has, or what is wrong
 */
export function readHuffman(from: usize, fromEnd: usize): i32 {
  codeBits = 0;
  if (from >= fromEnd) return CUT_SHORT;
  const header = load<u8>(from) as u32;
  let weights: i32;
  let size: i32;
  memory.fill(ZSTD_WEIGHTS, 0, 256);
  if (header >= 128) {
    weights = (header - 127) as i32;
    size = 1 + ((weights + 1) >> 1);
    if (fromEnd - from < (size as usize)) return CUT_SHORT;
    for (let k: i32 = 0; k < weights; k++) {
      const pair = load<u8>(from + 1 + (k >> 1));
      store<u8>(ZSTD_WEIGHTS + k, k & 1 ? pair & 15 : pair >> 4);
    }
  } else {
    size = 1 + (header as i32);
    if (fromEnd - from < (size as usize)) return CUT_SHORT;
    weights = readWeights(from + 1, from + size);
    if (weights < 0) return weights;
  }
  return buildHuffman(weights as u32) ? size : CORRUPT;
}

/** Weights that are compressed themselves, by two states in turn (RFC 8878, 4.2.1.2). */
function readWeights(from: usize, fromEnd: usize): i32 {
  const used = readCounts(from, fromEnd, 6, 255);
  if (used < 0) return used;
  const log = tableLog;
  spreadSymbols(log, 255);
  const states: u32 = 1 << log;
  for (let state: u32 = 0; state < states; state++) {
    const symbol = load<u8>(ZSTD_SPREAD + state) as u32;
    const next = nextOf(symbol);
    const bits = log - (31 - clz(next));
    store<u32>(ZSTD_WEIGHT_TABLE + (state << 2), symbol | (bits << 8) | (((next << bits) - states) << 16));
  }
  from += used;
  if (from >= fromEnd) return CUT_SHORT;
  let position = streamStart(from, fromEnd - from);
  if (position < 0) return CORRUPT;
  if (position < ((2 * log) as i32)) return CORRUPT;
  let a = peek(from, position, log);
  position -= log;
  let b = peek(from, position, log);
  position -= log;
  let count: u32 = 0;
  while (true) {
    if (count >= MOST_WEIGHTS - 1) return CORRUPT;
    const entry = load<u32>(ZSTD_WEIGHT_TABLE + (a << 2));
    store<u8>(ZSTD_WEIGHTS + count++, entry as u8);
    const bits = (entry >> 8) & 255;
    // The stream ends where a state has no bits left for its next step; the other one gives the last weight.
    if (position < (bits as i32)) {
      store<u8>(ZSTD_WEIGHTS + count++, load<u8>(ZSTD_WEIGHT_TABLE + (b << 2)));
      return count as i32;
    }
    a = (entry >> 16) + peek(from, position, bits);
    position -= bits;
    const swap = a;
    a = b;
    b = swap;
  }
}

/** Makes codes of weights; the last symbol's weight is what is missing to a power of two. */
function buildHuffman(count: u32): bool {
  const ranks = ZSTD_WEIGHT_TABLE;
  memory.fill(ranks, 0, 64);
  let total: u32 = 0;
  for (let k: u32 = 0; k < count; k++) {
    const weight = load<u8>(ZSTD_WEIGHTS + k) as u32;
    if (weight > LONGEST_CODE) return false;
    const slot = ranks + (weight << 2);
    store<u32>(slot, load<u32>(slot) + 1);
    if (weight > 0) total += 1 << (weight - 1);
  }
  if (total === 0) return false;
  const bits: u32 = 32 - clz(total);
  if (bits > LONGEST_CODE) return false;
  const missing: u32 = (1 << bits) - total;
  if (popcnt(missing) !== 1) return false;
  const last: u32 = 32 - clz(missing);
  store<u8>(ZSTD_WEIGHTS + count, last as u8);
  store<u32>(ranks + (last << 2), load<u32>(ranks + (last << 2)) + 1);
  // Codes of the longest kind come in pairs.
  const longest = load<u32>(ranks + 4);
  if (longest < 2 || longest & 1) return false;

  // Where the entries of each weight start: those of long codes come first.
  let next: u32 = 0;
  for (let weight: u32 = 1; weight <= bits; weight++) {
    const slot = ranks + (weight << 2);
    const symbols = load<u32>(slot);
    store<u32>(slot, next);
    next += symbols << (weight - 1);
  }
  for (let symbol: u32 = 0; symbol <= count; symbol++) {
    const weight = load<u8>(ZSTD_WEIGHTS + symbol) as u32;
    if (weight === 0) continue;
    const slot = ranks + (weight << 2);
    const start = load<u32>(slot);
    const length: u32 = 1 << (weight - 1);
    store<u32>(slot, start + length);
    const entry = symbol | ((bits + 1 - weight) << 8);
    for (let k = start; k < start + length; k++) store<u16>(ZSTD_HUFFMAN + (k << 1), entry as u16);
  }
  codeBits = bits;
  return true;
}

/** Decodes one stream to exactly `to` … `toEnd`. */
export function decodeStream(from: usize, length: usize, to: usize, toEnd: usize): i32 {
  if (length === 0) return CUT_SHORT;
  const position = streamStart(from, length);
  return position < 0 ? CORRUPT : decodeRest(from, position, to, toEnd);
}

/** The rest of a stream, with a look at each symbol; ends well where stream and result end together. */
function decodeRest(from: usize, position: i32, to: usize, toEnd: usize): i32 {
  const shift = 32 - codeBits;
  while (to < toEnd) {
    if (position <= 0) return CUT_SHORT;
    const entry = load<u16>(ZSTD_HUFFMAN + ((smallWindow(from, position) >> shift) << 1)) as u32;
    position -= entry >> 8;
    store<u8>(to++, entry as u8);
  }
  return position === 0 ? 0 : CORRUPT;
}

/** Decodes four streams side by side (RFC 8878, 3.1.1.3.1.6), behind the table of their sizes. */
export function decodeFourStreams(from: usize, length: usize, to: usize, size: usize): i32 {
  if (length < 10) return CUT_SHORT;
  const size1 = load<u16>(from, 0, 1) as usize;
  const size2 = load<u16>(from, 2, 1) as usize;
  const size3 = load<u16>(from, 4, 1) as usize;
  const from1 = from + 6;
  const from2 = from1 + size1;
  const from3 = from2 + size2;
  const from4 = from3 + size3;
  const end = from + length;
  if (from4 >= end || size1 === 0 || size2 === 0 || size3 === 0) return CORRUPT;
  const segment = (size + 3) >> 2;
  if (segment * 3 > size) return CORRUPT;
  let position1 = streamStart(from1, size1);
  let position2 = streamStart(from2, size2);
  let position3 = streamStart(from3, size3);
  let position4 = streamStart(from4, end - from4);
  if ((position1 | position2 | position3 | position4) < 0) return CORRUPT;
  const to2 = to + segment;
  const to3 = to2 + segment;
  const to4 = to3 + segment;
  const last = size - segment * 3;
  let at: usize = 0;
  // One word of each stream has five codes of the longest kind, or two.
  const steps: usize = ASC_FEATURE_SIMD ? 5 : 2;
  while (at + steps <= last && (position1 | position2 | position3 | position4) >= 0) {
    if (ASC_FEATURE_SIMD) {
      const shift = (64 - codeBits) as u64;
      let a = window(from1, position1);
      let b = window(from2, position2);
      let c = window(from3, position3);
      let d = window(from4, position4);
      for (let k: usize = 0; k < 5; k++) {
        const e1 = load<u16>(ZSTD_HUFFMAN + (((a >> shift) as usize) << 1)) as u32;
        const e2 = load<u16>(ZSTD_HUFFMAN + (((b >> shift) as usize) << 1)) as u32;
        const e3 = load<u16>(ZSTD_HUFFMAN + (((c >> shift) as usize) << 1)) as u32;
        const e4 = load<u16>(ZSTD_HUFFMAN + (((d >> shift) as usize) << 1)) as u32;
        store<u8>(to + at, e1 as u8);
        store<u8>(to2 + at, e2 as u8);
        store<u8>(to3 + at, e3 as u8);
        store<u8>(to4 + at, e4 as u8);
        a <<= (e1 >> 8) as u64;
        b <<= (e2 >> 8) as u64;
        c <<= (e3 >> 8) as u64;
        d <<= (e4 >> 8) as u64;
        position1 -= e1 >> 8;
        position2 -= e2 >> 8;
        position3 -= e3 >> 8;
        position4 -= e4 >> 8;
        at++;
      }
    } else {
      const shift = 32 - codeBits;
      let a = smallWindow(from1, position1);
      let b = smallWindow(from2, position2);
      let c = smallWindow(from3, position3);
      let d = smallWindow(from4, position4);
      for (let k: usize = 0; k < 2; k++) {
        const e1 = load<u16>(ZSTD_HUFFMAN + ((a >> shift) << 1)) as u32;
        const e2 = load<u16>(ZSTD_HUFFMAN + ((b >> shift) << 1)) as u32;
        const e3 = load<u16>(ZSTD_HUFFMAN + ((c >> shift) << 1)) as u32;
        const e4 = load<u16>(ZSTD_HUFFMAN + ((d >> shift) << 1)) as u32;
        store<u8>(to + at, e1 as u8);
        store<u8>(to2 + at, e2 as u8);
        store<u8>(to3 + at, e3 as u8);
        store<u8>(to4 + at, e4 as u8);
        a <<= e1 >> 8;
        b <<= e2 >> 8;
        c <<= e3 >> 8;
        d <<= e4 >> 8;
        position1 -= e1 >> 8;
        position2 -= e2 >> 8;
        position3 -= e3 >> 8;
        position4 -= e4 >> 8;
        at++;
      }
    }
  }
  if ((position1 | position2 | position3 | position4) < 0) return CUT_SHORT;
  let fault = decodeRest(from1, position1, to + at, to2);
  if (fault === 0) fault = decodeRest(from2, position2, to2 + at, to3);
  if (fault === 0) fault = decodeRest(from3, position3, to3 + at, to4);
  if (fault === 0) fault = decodeRest(from4, position4, to4 + at, to + size);
  return fault;
}
