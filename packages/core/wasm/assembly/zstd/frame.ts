import { xxh64Low } from "../checksums";
import { CHECKSUM, CORRUPT, CUT_SHORT, DICTIONARY, TOO_MUCH } from "../fault";
import { ZSTD_LITERALS } from "../layout";
import { decodeFourStreams, decodeStream, forgetHuffman, knowsHuffman, readHuffman } from "./huffman";
import { forgetSequences, runSequences } from "./sequences";

const MAGIC: u32 = 0xfd2fb528;
const SKIPPABLE: u32 = 0x184d2a50;
/** Block_Maximum_Size (RFC 8878, 3.1.1.2.3). */
const LARGEST_BLOCK: u32 = 128 * 1024;

/** Where the frame that was decoded last ends. */
let frameEnd: usize = 0;

/**
 * Decodes frames of Zstandard (RFC 8878), skippable ones among them, until the bytes end.
 *
 * @returns bytes that came out, at most `toEnd - to`, or what is wrong
 */
export function decodeFrames(from: usize, fromEnd: usize, to: usize, toEnd: usize): i32 {
  const start = to;
  let frames = 0;
  while (from < fromEnd) {
    if (fromEnd - from < 5) return CUT_SHORT;
    const magic = load<u32>(from, 0, 1);
    if ((magic & 0xfffffff0) === SKIPPABLE) {
      if (fromEnd - from < 8) return CUT_SHORT;
      const length = load<u32>(from, 4, 1) as usize;
      if (length > fromEnd - from - 8) return CUT_SHORT;
      from += 8 + length;
      continue;
    }
    if (magic !== MAGIC) return CORRUPT;
    const result = decodeFrame(from + 4, fromEnd, to, toEnd);
    if (result < 0) return result;
    to += result;
    from = frameEnd;
    frames++;
  }
  return frames > 0 ? ((to - start) as i32) : CUT_SHORT;
}

function decodeFrame(from: usize, fromEnd: usize, to: usize, toEnd: usize): i32 {
  const descriptor = load<u8>(from++) as u32;
  if (descriptor & 8) return CORRUPT;
  const single = (descriptor & 0x20) !== 0;
  const contentFlag = descriptor >> 6;
  const contentSize: usize = contentFlag === 0 ? (single ? 1 : 0) : 1 << contentFlag;
  const dictionarySize: usize = (1 << (descriptor & 3)) >> 1;
  const windowSize: usize = single ? 0 : 1;
  if (fromEnd - from < windowSize + dictionarySize + contentSize) return CUT_SHORT;
  let window: u64 = 0;
  if (!single) {
    const byte = load<u8>(from++) as u64;
    // libzstd's ZSTD_WINDOWLOG_MAX is 31.
    if (byte >> 3 > 21) return CORRUPT;
    window = (1 as u64) << (10 + (byte >> 3));
    window += (window >> 3) * (byte & 7);
  }
  for (let k: usize = 0; k < dictionarySize; k++) if (load<u8>(from + k) !== 0) return DICTIONARY;
  from += dictionarySize;
  let content: u64 = 0;
  if (contentSize === 1) content = load<u8>(from) as u64;
  else if (contentSize === 2) content = (load<u16>(from, 0, 1) as u64) + 256;
  else if (contentSize === 4) content = load<u32>(from, 0, 1) as u64;
  else if (contentSize === 8) content = load<u64>(from, 0, 1);
  from += contentSize;
  if (single) window = content;
  if (contentSize > 0) {
    if (content > ((toEnd - to) as u64)) return TOO_MUCH;
    toEnd = to + (content as usize);
  }
  const largest = window < (LARGEST_BLOCK as u64) ? (window as usize) : (LARGEST_BLOCK as usize);

  forgetHuffman();
  forgetSequences();
  const start = to;
  let last: u32 = 0;
  do {
    if (fromEnd - from < 3) return CUT_SHORT;
    const header = (load<u16>(from, 0, 1) as u32) | ((load<u8>(from, 2) as u32) << 16);
    from += 3;
    last = header & 1;
    const type = (header >> 1) & 3;
    const size = (header >> 3) as usize;
    if (type === 3 || size > largest) return CORRUPT;
    if (type === 1) {
      if (from >= fromEnd) return CUT_SHORT;
      if (size > toEnd - to) return TOO_MUCH;
      memory.fill(to, load<u8>(from++), size);
      to += size;
      continue;
    }
    if (size > fromEnd - from) return CUT_SHORT;
    if (type === 0) {
      if (size > toEnd - to) return TOO_MUCH;
      memory.copy(to, from, size);
      to += size;
    } else {
      const result = decodeBlock(from, from + size, start, to, min(toEnd, to + largest), largest);
      if (result < 0) return result;
      to += result;
    }
    from += size;
  } while (!last);

  if (contentSize > 0 && to !== toEnd) return CUT_SHORT;
  if (descriptor & 4) {
    if (fromEnd - from < 4) return CUT_SHORT;
    if (load<u32>(from, 0, 1) !== xxh64Low(start, to - start)) return CHECKSUM;
    from += 4;
  }
  frameEnd = from;
  return (to - start) as i32;
}

/** A compressed block: its literals, then its sequences (RFC 8878, 3.1.1.3). */
function decodeBlock(
  from: usize,
  fromEnd: usize,
  start: usize,
  to: usize,
  toEnd: usize,
  largest: usize,
): i32 {
  if (fromEnd - from < 2) return CUT_SHORT;
  const first = load<u32>(from, 0, 1);
  const type = first & 3;
  const format = (first >> 2) & 3;
  let size: usize;
  if (type < 2) {
    const headerSize: usize = format === 1 ? 2 : format === 3 ? 3 : 1;
    if (fromEnd - from < headerSize) return CUT_SHORT;
    size =
      format === 1 ? (first & 0xffff) >> 4 : format === 3 ? (first & 0xffffff) >> 4 : (first & 0xff) >> 3;
    from += headerSize;
    if (size > largest) return CORRUPT;
    if (type === 0) {
      if (size > fromEnd - from) return CUT_SHORT;
      const literals = from;
      from += size;
      return runSequences(from, fromEnd, literals, from, start, to, toEnd);
    }
    if (from >= fromEnd) return CUT_SHORT;
    memory.fill(ZSTD_LITERALS, load<u8>(from++), size);
    return runSequences(from, fromEnd, ZSTD_LITERALS, ZSTD_LITERALS + size, start, to, toEnd);
  }

  const headerSize: usize = format < 2 ? 3 : format === 2 ? 4 : 5;
  if (fromEnd - from < headerSize) return CUT_SHORT;
  let compressed: usize;
  if (format < 2) {
    size = (first >> 4) & 0x3ff;
    compressed = (first >> 14) & 0x3ff;
  } else if (format === 2) {
    size = (first >> 4) & 0x3fff;
    compressed = first >> 18;
  } else {
    size = (first >> 4) & 0x3ffff;
    compressed = ((first >> 22) as usize) | ((load<u8>(from, 4) as usize) << 10);
  }
  from += headerSize;
  if (size > largest) return CORRUPT;
  if (compressed > fromEnd - from) return CUT_SHORT;
  const literalsEnd = from + compressed;
  if (type === 3) {
    if (!knowsHuffman()) return CORRUPT;
  } else {
    const used = readHuffman(from, literalsEnd);
    if (used < 0) return used;
    from += used;
  }
  if (size === 0) return CORRUPT;
  let fault: i32;
  if (format === 0) {
    fault = decodeStream(from, literalsEnd - from, ZSTD_LITERALS, ZSTD_LITERALS + size);
  } else {
    if (size < 6) return CORRUPT;
    fault = decodeFourStreams(from, literalsEnd - from, ZSTD_LITERALS, size);
  }
  if (fault < 0) return fault;
  return runSequences(literalsEnd, fromEnd, ZSTD_LITERALS, ZSTD_LITERALS + size, start, to, toEnd);
}
