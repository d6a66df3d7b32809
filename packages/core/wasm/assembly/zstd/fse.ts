import { CORRUPT, CUT_SHORT } from "../fault";
import { ZSTD_COUNTS, ZSTD_SPREAD } from "../layout";

/** The accuracy of the table that was read last, as the power of two of its size. */
export let tableLog: u32 = 0;

/**
 * Reads the distribution of an FSE table (RFC 8878, 4.1.1) into `ZSTD_COUNTS`: one `i16` a symbol, −1 for "less
 * than one".
 *
 * @returns how many bytes it has, or what is wrong
 */
export function readCounts(from: usize, fromEnd: usize, maxLog: u32, maxSymbol: u32): i32 {
  if (from >= fromEnd) return CUT_SHORT;
  const size = (fromEnd - from) as i32;
  const log = ((load<u8>(from) & 15) as u32) + 5;
  if (log > maxLog) return CORRUPT;
  let position: u32 = 4;
  let remaining: i32 = (1 << log) + 1;
  let threshold: i32 = 1 << log;
  let width: u32 = log + 1;
  let symbol: u32 = 0;
  memory.fill(ZSTD_COUNTS, 0, 512);
  while (remaining > 1 && symbol <= maxSymbol) {
    // Bits behind the end are found out by the size below; memory has slack for them.
    if (((position >> 3) as i32) > size) return CUT_SHORT;
    const word = load<u32>(from + (position >> 3), 0, 1) >> (position & 7);
    const most = 2 * threshold - 1 - remaining;
    let count: i32;
    if (((word & (threshold - 1)) as i32) < most) {
      count = (word & (threshold - 1)) as i32;
      position += width - 1;
    } else {
      count = (word & (2 * threshold - 1)) as i32;
      if (count >= threshold) count -= most;
      position += width;
    }
    count--;
    remaining -= count < 0 ? -count : count;
    store<i16>(ZSTD_COUNTS + (symbol << 1), count as i16);
    symbol++;
    if (count === 0) {
      let more: u32;
      do {
        if (((position >> 3) as i32) > size) return CUT_SHORT;
        more = (load<u16>(from + (position >> 3), 0, 1) >> (position & 7)) & 3;
        position += 2;
        symbol += more;
      } while (more === 3);
      if (symbol > maxSymbol + 1) return CORRUPT;
    }
    if (remaining < 1) return CORRUPT;
    while (remaining < threshold) {
      width--;
      threshold >>= 1;
    }
  }
  if (remaining !== 1 || symbol > maxSymbol + 1) return CORRUPT;
  const used = ((position + 7) >> 3) as i32;
  if (used > size) return CUT_SHORT;
  tableLog = log;
  return used;
}

/**
 * Lays the symbols of the distribution in `ZSTD_COUNTS` out over the states (RFC 8878, 4.1.1), as bytes in `ZSTD_SPREAD`;
 * the counts become the states that each symbol gives out next.
 */
export function spreadSymbols(log: u32, maxSymbol: u32): void {
  const size: u32 = 1 << log;
  let high = size - 1;
  for (let symbol: u32 = 0; symbol <= maxSymbol; symbol++) {
    if (load<i16>(ZSTD_COUNTS + (symbol << 1)) === -1) store<u8>(ZSTD_SPREAD + high--, symbol as u8);
  }
  const step = (size >> 1) + (size >> 3) + 3;
  const mask = size - 1;
  let at: u32 = 0;
  for (let symbol: u32 = 0; symbol <= maxSymbol; symbol++) {
    const slot = ZSTD_COUNTS + (symbol << 1);
    const count = load<i16>(slot) as i32;
    if (count === -1) store<i16>(slot, 1);
    for (let k = 0; k < count; k++) {
      store<u8>(ZSTD_SPREAD + at, symbol as u8);
      do {
        at = (at + step) & mask;
      } while (at > high);
    }
  }
}

/** The number that tells a state of the symbol how it goes on; the symbol's next state has the next one. */
// @ts-ignore: decorator
@inline
export function nextOf(symbol: u32): u32 {
  const slot = ZSTD_COUNTS + (symbol << 1);
  const next = load<u16>(slot) as u32;
  store<u16>(slot, (next + 1) as u16);
  return next;
}
