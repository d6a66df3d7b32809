import { CORRUPT, CUT_SHORT } from "../fault";
import { ZSTD_COUNTS, ZSTD_LITERAL_LENGTHS, ZSTD_MATCH_LENGTHS, ZSTD_OFFSETS, ZSTD_SPREAD } from "../layout";
import { nextOf, readCounts, spreadSymbols, tableLog } from "./fse";

/**
 * The three tables of sequences (RFC 8878, 3.1.1.3.2). Entries have eight bytes:
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
export const LITERAL_LENGTH_DEFAULT = memory.data<i16>([
  4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1,
]);
export const MATCH_LENGTH_DEFAULT = memory.data<i16>([
  1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
  1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
]);
export const OFFSET_DEFAULT = memory.data<i16>([
  1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1,
]);

/** Largest codes, and the largest tables that blocks may bring. */
export const LITERAL_LENGTH_MOST: u32 = 35;
export const MATCH_LENGTH_MOST: u32 = 52;
export const OFFSET_MOST: u32 = 31;

/** Bytes that the last call of {@link readTable} read, and the accuracy it found. */
export let tableBytes: usize = 0;

/**
 * Brings one table into the state that a block asks for.
 *
 * @param mode 0 default, 1 one symbol, 2 its own, 3 as before
 * @param known its accuracy before
 * @returns its accuracy, or what is wrong
 */
export function readTable(
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
