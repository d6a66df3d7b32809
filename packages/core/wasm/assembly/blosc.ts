import { bitUnshuffle } from "./bitshuffle";
import { decodeBlosclz } from "./blosclz";
import { decodeZlib } from "./deflated";
import { CORRUPT, CUT_SHORT } from "./fault";
import { decodeLz4 } from "./lz4";
import { unshuffle } from "./shuffle";
import { decodeFrames } from "./zstd/frame";

const HEADER_SIZE: usize = 16;
const SHUFFLE: u32 = 1;
const AS_IS: u32 = 2;
const BIT_SHUFFLE: u32 = 4;
const DONT_SPLIT: u32 = 0x10;
/** What c-blosc calls MAX_SPLITS and MIN_BUFFERSIZE. */
const MOST_SPLITS: usize = 16;
const SMALLEST_SPLIT: usize = 128;

/**
 * Decodes some blocks of a Blosc 1 frame. Its header has been checked (`src/codecs/blosc/header.ts`): the sizes in it
 * are those of the frame and of the chunk, and the list of offsets is inside.
 *
 * @param to has room for the blocks, one behind the other
 * @param scratch has room for one block, and `scratch2` for another
 * @returns bytes that came out, or what is wrong
 */
export function decodeBlocks(
  frame: usize,
  first: usize,
  count: usize,
  to: usize,
  scratch: usize,
  scratch2: usize,
): i32 {
  const flags = load<u8>(frame, 2) as u32;
  const itemSize = load<u8>(frame, 3) as usize;
  const total = load<u32>(frame, 4, 1) as usize;
  const blockSize = load<u32>(frame, 8, 1) as usize;
  const end = frame + (load<u32>(frame, 12, 1) as usize);
  const start = to;
  for (let block = first; block < first + count; block++) {
    const size = min(blockSize, total - block * blockSize);
    if (flags & AS_IS) {
      memory.copy(to, frame + HEADER_SIZE + block * blockSize, size);
    } else {
      const offset = load<u32>(frame + HEADER_SIZE + (block << 2), 0, 1) as usize;
      if (offset > end - frame) return CORRUPT;
      const byBytes = (flags & SHUFFLE) !== 0 && itemSize > 1;
      const byBits = !byBytes && (flags & BIT_SHUFFLE) !== 0 && size >= itemSize;
      const shuffled = byBytes || byBits ? scratch : to;
      const split =
        !(flags & DONT_SPLIT) &&
        itemSize <= MOST_SPLITS &&
        size / itemSize >= SMALLEST_SPLIT &&
        size === blockSize;
      const fault = decodeStreams(frame + offset, end, shuffled, size, split ? itemSize : 1, flags >> 5);
      if (fault < 0) return fault;
      if (byBytes) unshuffle(scratch, to, size, itemSize);
      else if (byBits) bitUnshuffle(scratch, to, scratch2, size, itemSize);
    }
    to += size;
  }
  return (to - start) as i32;
}

/** The streams of one block, of equal sizes: each is its compressed size and as many bytes. */
function decodeStreams(from: usize, end: usize, to: usize, size: usize, streams: usize, format: u32): i32 {
  // c-blosc leaves the rest of such a block as it was in memory.
  if (size % streams !== 0) return CORRUPT;
  const length = size / streams;
  for (let k: usize = 0; k < streams; k++, to += length) {
    if (end - from < 4) return CUT_SHORT;
    const compressed = load<u32>(from, 0, 1) as usize;
    from += 4;
    if (compressed > end - from) return CUT_SHORT;
    if (compressed === length) {
      memory.copy(to, from, length);
    } else {
      const fault = decodeStream(from, from + compressed, to, to + length, format);
      if (fault < 0) return fault;
    }
    from += compressed;
  }
  return 0;
}

function decodeStream(from: usize, fromEnd: usize, to: usize, toEnd: usize, format: u32): i32 {
  if (format === 1) return decodeLz4(from, fromEnd, to, toEnd);
  if (format === 0) return decodeBlosclz(from, fromEnd, to, toEnd);
  let result: i32 = CORRUPT;
  if (format === 3) result = decodeZlib(from, fromEnd, to, toEnd);
  else if (format === 4) result = decodeFrames(from, fromEnd, to, toEnd);
  if (result < 0) return result;
  return (result as usize) === toEnd - to ? 0 : CUT_SHORT;
}
