import { copyLiterals, copyMatch } from "../copy";
import { CORRUPT, CUT_SHORT, TOO_MUCH } from "../fault";
import { ZSTD_LITERAL_LENGTHS, ZSTD_MATCH_LENGTHS, ZSTD_OFFSETS } from "../layout";
import { peek, streamStart, window } from "./bits";
import { LITERAL_LENGTH_DEFAULT, LITERAL_LENGTH_MOST, MATCH_LENGTH_DEFAULT, MATCH_LENGTH_MOST } from "./sequence-tables";
import { OFFSET_DEFAULT, OFFSET_MOST, readTable, tableBytes } from "./sequence-tables";

/**
 * Sequences of literals and matches (RFC 8878, 3.1.1.3.2 and 3.1.1.4).
 *
 * @module
 */

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
