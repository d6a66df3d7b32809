import { copyLiterals, copyMatch } from "../copy";
import { CORRUPT, CUT_SHORT, TOO_MUCH } from "../fault";
import { ZSTD_COUNTS, ZSTD_LITERAL_LENGTHS, ZSTD_MATCH_LENGTHS, ZSTD_OFFSETS, ZSTD_SPREAD } from "../layout";
import { peek, streamStart, window } from "./bits";
import { nextOf, readCounts, spreadSymbols, tableLog } from "./fse";

/**
 * Sequences of literals and matches (RFC 8878, 3.1.1.3.2 and 3.1.1.4). Entries of the three tables have eight bytes:
 *
 * ```
 * 0  4  what the code stands for at least
 * 4  2  where the next state starts
 * 6  1  bits of the next state
 * 7  1  bits behind the code
 * ```
 *
 * @module
 */

const LITERAL_LENGTH_BASES = memory.data<u32>([
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 28, 32, 40, 48, 64, 128, 256, 512, 1024,
  2048, 4096, 8192, 16384, 32768, 65536,
]);
const LITERAL_LENGTH_BITS = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
]);
const MATCH_LENGTH_BASES = memory.data<u32>([
  3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33,
  34, 35, 37, 39, 41, 43, 47, 51, 59, 67, 83, 99, 131, 259, 515, 1027, 2051, 4099, 8195, 16387, 32771, 65539,
]);
const MATCH_LENGTH_BITS = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3,
  3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
]);
/** The distributions of blocks that bring none (RFC 8878, 3.1.1.3.2.2). */
const LITERAL_LENGTH_DEFAULT = memory.data<i16>([
  4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1,
]);
const MATCH_LENGTH_DEFAULT = memory.data<i16>([
  1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
  1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
]);
const OFFSET_DEFAULT = memory.data<i16>([
  1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1,
]);

/** Largest codes, and the largest tables that blocks may bring. */
const LITERAL_LENGTH_MOST: u32 = 35;
const MATCH_LENGTH_MOST: u32 = 52;
const OFFSET_MOST: u32 = 31;

/** Accuracies of the tables as they are; −1 as long as a frame has none. */
let literalLengthLog: i32 = -1;
let matchLengthLog: i32 = -1;
let offsetLog: i32 = -1;
/** The last three distances. */
let distance1: u32 = 1;
let distance2: u32 = 4;
let distance3: u32 = 8;

/** A frame begins. */
export function forgetSequences(): void {
  literalLengthLog = -1;
  matchLengthLog = -1;
  offsetLog = -1;
  distance1 = 1;
  distance2 = 4;
  distance3 = 8;
}

/** Bytes that the last call of {@link readTable} read, and the accuracy it found. */
let tableBytes: usize = 0;

/**
 * Brings one table into the state that a block asks for.
 *
 * @param mode 0 default, 1 one symbol, 2 its own, 3 as before
 * @param known its accuracy before
 * @returns its accuracy, or what is wrong
 */
function readTable(
  mode: u32,
  known: i32,
  table: usize,
  from: usize,
  fromEnd: usize,
  maxLog: u32,
  most: u32,
  defaults: usize,
  defaultLog: u32,
  defaultMost: u32,
): i32 {
  tableBytes = 0;
  if (mode === 3) return known < 0 ? CORRUPT : known;
  if (mode === 1) {
    if (from >= fromEnd) return CUT_SHORT;
    const symbol = load<u8>(from) as u32;
    if (symbol > most) return CORRUPT;
    tableBytes = 1;
    writeEntry(table, 0, symbol, 0, 0);
    return 0;
  }
  let log = defaultLog;
  if (mode === 0) {
    memory.fill(ZSTD_COUNTS, 0, 512);
    memory.copy(ZSTD_COUNTS, defaults, (defaultMost + 1) << 1);
  } else {
    const used = readCounts(from, fromEnd, maxLog, most);
    if (used < 0) return used;
    tableBytes = used as usize;
    log = tableLog;
  }
  spreadSymbols(log, most);
  const states: u32 = 1 << log;
  for (let state: u32 = 0; state < states; state++) {
    const symbol = load<u8>(ZSTD_SPREAD + state) as u32;
    const next = nextOf(symbol);
    const bits = log - (31 - clz(next));
    writeEntry(table, state, symbol, (next << bits) - states, bits);
  }
  return log as i32;
}

function writeEntry(table: usize, state: u32, symbol: u32, next: u32, bits: u32): void {
  const at = table + (state << 3);
  store<u32>(at, baseOf(table, symbol));
  store<u16>(at + 4, next as u16);
  store<u8>(at + 6, bits as u8);
  store<u8>(at + 7, bitsOf(table, symbol));
}

function baseOf(table: usize, symbol: u32): u32 {
  if (table === ZSTD_OFFSETS) return 1 << symbol;
  return load<u32>((table === ZSTD_MATCH_LENGTHS ? MATCH_LENGTH_BASES : LITERAL_LENGTH_BASES) + (symbol << 2));
}

function bitsOf(table: usize, symbol: u32): u8 {
  if (table === ZSTD_OFFSETS) return symbol as u8;
  return load<u8>((table === ZSTD_MATCH_LENGTHS ? MATCH_LENGTH_BITS : LITERAL_LENGTH_BITS) + symbol);
}

/** Up to 31 bits below `position`. */
// @ts-ignore: decorator
@inline
function bitsAt(from: usize, position: i32, count: u32): u32 {
  if (ASC_FEATURE_SIMD) {
    return (((window(from, position) >> 1) >> ((63 - count) as u64)) as u32);
  }
  if (count <= 25) return peek(from, position, count);
  const low = count - 25;
  return (peek(from, position, 25) << low) | peek(from, position - 25, low);
}

/**
 * Decodes a block's sequences and carries them out.
 *
 * @param literals … `literalsEnd` the literals of the block, with slack behind
 * @param start where the frame's output starts, before which no match reaches
 * @param toEnd where the block's output ends at the latest
 * @returns bytes that came out, or what is wrong
 */
export function runSequences(
  from: usize,
  fromEnd: usize,
  literals: usize,
  literalsEnd: usize,
  start: usize,
  to: usize,
  toEnd: usize,
): i32 {
  const first = to;
  if (from >= fromEnd) return CUT_SHORT;
  let count = load<u8>(from++) as u32;
  if (count === 0) {
    if (from !== fromEnd) return CORRUPT;
  } else {
    if (count === 255) {
      if (fromEnd - from < 2) return CUT_SHORT;
      count = (load<u16>(from, 0, 1) as u32) + 0x7f00;
      from += 2;
    } else if (count >= 128) {
      if (from >= fromEnd) return CUT_SHORT;
      count = ((count - 128) << 8) + load<u8>(from++);
    }
    if (from >= fromEnd) return CUT_SHORT;
    const modes = load<u8>(from++) as u32;
    if (modes & 3) return CORRUPT;
    literalLengthLog = readTable(
      modes >> 6, literalLengthLog, ZSTD_LITERAL_LENGTHS, from, fromEnd, 9, LITERAL_LENGTH_MOST, LITERAL_LENGTH_DEFAULT,
      6, 35,
    );
    if (literalLengthLog < 0) return literalLengthLog;
    from += tableBytes;
    offsetLog = readTable(
      (modes >> 4) & 3, offsetLog, ZSTD_OFFSETS, from, fromEnd, 8, OFFSET_MOST, OFFSET_DEFAULT, 5, 28,
    );
    if (offsetLog < 0) return offsetLog;
    from += tableBytes;
    matchLengthLog = readTable(
      (modes >> 2) & 3, matchLengthLog, ZSTD_MATCH_LENGTHS, from, fromEnd, 9, MATCH_LENGTH_MOST, MATCH_LENGTH_DEFAULT, 6,
      52,
    );
    if (matchLengthLog < 0) return matchLengthLog;
    from += tableBytes;
    if (from >= fromEnd) return CUT_SHORT;

    let position = streamStart(from, fromEnd - from);
    if (position < 0) return CORRUPT;
    let literalState = bitsAt(from, position, literalLengthLog);
    position -= literalLengthLog;
    let offsetState = bitsAt(from, position, offsetLog);
    position -= offsetLog;
    let matchState = bitsAt(from, position, matchLengthLog);
    position -= matchLengthLog;
    let d1 = distance1;
    let d2 = distance2;
    let d3 = distance3;

    while (true) {
      // So far before the start reading is allowed, and further a sequence does not get.
      if (position < 0) return CUT_SHORT;
      const literalEntry = ZSTD_LITERAL_LENGTHS + (literalState << 3);
      const offsetEntry = ZSTD_OFFSETS + (offsetState << 3);
      const matchEntry = ZSTD_MATCH_LENGTHS + (matchState << 3);
      const offsetBits = load<u8>(offsetEntry, 7) as u32;
      const matchBits = load<u8>(matchEntry, 7) as u32;
      const literalBits = load<u8>(literalEntry, 7) as u32;
      let value = load<u32>(offsetEntry);
      let matched = load<u32>(matchEntry) as usize;
      let length = load<u32>(literalEntry) as usize;
      if (ASC_FEATURE_SIMD) {
        let w = window(from, position);
        value += ((w >> 1) >> ((63 - offsetBits) as u64)) as u32;
        if (offsetBits + matchBits + literalBits <= 56) {
          w <<= offsetBits as u64;
          matched += ((w >> 1) >> ((63 - matchBits) as u64)) as usize;
          w <<= matchBits as u64;
          length += ((w >> 1) >> ((63 - literalBits) as u64)) as usize;
        } else {
          w = window(from, position - offsetBits);
          matched += ((w >> 1) >> ((63 - matchBits) as u64)) as usize;
          w <<= matchBits as u64;
          length += ((w >> 1) >> ((63 - literalBits) as u64)) as usize;
        }
      } else {
        value += bitsAt(from, position, offsetBits);
        matched += bitsAt(from, position - offsetBits, matchBits) as usize;
        length += bitsAt(from, position - offsetBits - matchBits, literalBits) as usize;
      }
      position -= offsetBits + matchBits + literalBits;

      let distance: u32;
      if (value > 3) {
        distance = value - 3;
        d3 = d2;
        d2 = d1;
        d1 = distance;
      } else {
        // One of the last distances (RFC 8878, 3.1.1.5); without literals the first of them is no choice.
        const which = value - (length === 0 ? 0 : 1);
        if (which === 0) {
          distance = d1;
        } else if (which === 1) {
          distance = d2;
          d2 = d1;
          d1 = distance;
        } else {
          distance = which === 2 ? d3 : d1 - 1;
          d3 = d2;
          d2 = d1;
          d1 = distance;
        }
      }

      if (length > literalsEnd - literals) return CORRUPT;
      if (length + matched > toEnd - to) return TOO_MUCH;
      if (length > 0) {
        copyLiterals(to, literals, length);
        to += length;
        literals += length;
      }
      if (distance === 0 || (distance as usize) > to - start) return CORRUPT;
      copyMatch(to, distance, matched);
      to += matched;

      if (--count === 0) break;
      if (ASC_FEATURE_SIMD) {
        let w = window(from, position);
        const literalNext = load<u8>(literalEntry, 6) as u32;
        const matchNext = load<u8>(matchEntry, 6) as u32;
        const offsetNext = load<u8>(offsetEntry, 6) as u32;
        literalState = (load<u16>(literalEntry, 4) as u32) + (((w >> 1) >> ((63 - literalNext) as u64)) as u32);
        w <<= literalNext as u64;
        matchState = (load<u16>(matchEntry, 4) as u32) + (((w >> 1) >> ((63 - matchNext) as u64)) as u32);
        w <<= matchNext as u64;
        offsetState = (load<u16>(offsetEntry, 4) as u32) + (((w >> 1) >> ((63 - offsetNext) as u64)) as u32);
        position -= literalNext + matchNext + offsetNext;
      } else {
        const literalNext = load<u8>(literalEntry, 6) as u32;
        literalState = (load<u16>(literalEntry, 4) as u32) + peek(from, position, literalNext);
        position -= literalNext;
        const matchNext = load<u8>(matchEntry, 6) as u32;
        matchState = (load<u16>(matchEntry, 4) as u32) + peek(from, position, matchNext);
        position -= matchNext;
        const offsetNext = load<u8>(offsetEntry, 6) as u32;
        offsetState = (load<u16>(offsetEntry, 4) as u32) + peek(from, position, offsetNext);
        position -= offsetNext;
      }
    }
    if (position !== 0) return CORRUPT;
    distance1 = d1;
    distance2 = d2;
    distance3 = d3;
  }
  const rest = literalsEnd - literals;
  if (rest > toEnd - to) return TOO_MUCH;
  memory.copy(to, literals, rest);
  return (to + rest - first) as i32;
}
