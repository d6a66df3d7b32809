/**
 * What `src/codecs` calls. All addresses are from {@link heapStart} on and have {@link slack} bytes free on both sides;
 * results below zero are faults (`fault.ts`). There is no state between calls.
 *
 * @module
 */
import { bitShuffle as bitShuffleBytes } from "./bitshuffle";
import { decodeBlocks } from "./blosc";
import { crc32c as crc32cOf, prepareChecksums, xxh64Low } from "./checksums";
import { preparePatterns } from "./copy";
import { decodeGzip, decodeZlib } from "./deflated";
import { HEAP, SLACK } from "./layout";
import { decodeLz4 } from "./lz4";
import { encodeLz4 } from "./lz4-encode";
import { decodeLzw } from "./lzw";
import { shuffle as shuffleBytes, unshuffle as unshuffleBytes } from "./shuffle";
import { decodeFrames } from "./zstd/frame";

prepareChecksums();
preparePatterns();

export function heapStart(): usize {
  return HEAP;
}

export function slack(): usize {
  return SLACK;
}

/** Decodes blocks `first` … `first + count` of a Blosc frame whose header has been checked. */
export function bloscBlocks(
  frame: usize,
  first: usize,
  count: usize,
  to: usize,
  scratch: usize,
  scratch2: usize,
): i32 {
  return decodeBlocks(frame, first, count, to, scratch, scratch2);
}

/** Decodes one LZ4 block to exactly `size` bytes. */
export function lz4(from: usize, length: usize, to: usize, size: usize): i32 {
  return decodeLz4(from, from + length, to, to + size);
}

/** Encodes one LZ4 block; gives its length. */
export function lz4Encode(from: usize, length: usize, to: usize, acceleration: u32): usize {
  return encodeLz4(from, length, to, acceleration);
}

/** Decodes LZW of TIFF to at most `room` bytes; gives how many came out. */
export function lzw(from: usize, length: usize, to: usize, room: usize, oldStyle: bool): i32 {
  return decodeLzw(from, from + length, to, to + room, oldStyle);
}

/** These decode to at most `room` bytes and give how many came out. */
export function zstd(from: usize, length: usize, to: usize, room: usize): i32 {
  return decodeFrames(from, from + length, to, to + room);
}

export function zlib(from: usize, length: usize, to: usize, room: usize): i32 {
  return decodeZlib(from, from + length, to, to + room);
}

export function gzip(from: usize, length: usize, to: usize, room: usize): i32 {
  return decodeGzip(from, from + length, to, to + room);
}

export function crc32c(at: usize, length: usize): u32 {
  return crc32cOf(at, length);
}

/** The lower half of XXH64, which Zstandard frames end with. */
export function xxh64(at: usize, length: usize): u32 {
  return xxh64Low(at, length);
}

export function shuffle(from: usize, to: usize, length: usize, itemSize: usize): void {
  shuffleBytes(from, to, length, itemSize);
}

export function unshuffle(from: usize, to: usize, length: usize, itemSize: usize): void {
  unshuffleBytes(from, to, length, itemSize);
}

export function bitShuffle(from: usize, to: usize, scratch: usize, length: usize, itemSize: usize): void {
  bitShuffleBytes(from, to, scratch, length, itemSize);
}
