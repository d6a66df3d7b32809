import type { Codecs } from "../codecs/codecs.js";
import type { Codec } from "../zarr/codec/codec.js";
import { decodeOrThrow, scratchOf } from "../zarr/codec/decode-bytes.js";

/** Whether two chunks decode to the same bytes, as data that another thread can be sent. */
export interface EqualTask {
  readonly kind: "equal";
  /** The codecs of bytes of each chunk, in the order of encoding. */
  readonly codecs: readonly [readonly Codec[], readonly Codec[]];
  /** Bytes of a decoded chunk. */
  readonly size: number;
}

/** The bytes of two chunks as they are stored. */
export type ChunkPair = readonly [Uint8Array, Uint8Array];

/**
 * Decodes two chunks into memory that is used again for the next two.
 *
 * @returns whether they are the same; false where one of them cannot be decoded, which whoever reads it reports
 */
export function areEqualChunks({ codecs, size }: EqualTask, pair: ChunkPair, platform: Codecs): boolean {
  const decode = (side: 0 | 1): Uint8Array =>
    decodeOrThrow(codecs[side], { bytes: pair[side], size, into: scratchOf(size, side) }, platform);
  try {
    return sameBytes(decode(0), decode(1));
  } catch {
    return false;
  }
}

/** Node's comparison of bytes, which is ten times faster than a loop. */
interface FastCompare {
  compare(one: Uint8Array, other: Uint8Array): number;
}

/** Whether two views hold the same bytes. In pages, words of 4 bytes are compared if both are aligned. */
export function sameBytes(one: ArrayBufferView, other: ArrayBufferView): boolean {
  const { byteLength } = one;
  if (byteLength !== other.byteLength) return false;
  const { Buffer: fast } = globalThis as { readonly Buffer?: FastCompare };
  if (fast !== undefined) return fast.compare(bytesOf(one), bytesOf(other)) === 0;
  const isAligned = one.byteOffset % 4 === 0 && other.byteOffset % 4 === 0;
  const words = isAligned ? byteLength >> 2 : 0;
  const [ones, others] = [wordsOf(one, words), wordsOf(other, words)];
  for (let k = 0; k < words; k++) if (ones[k] !== others[k]) return false;
  const [left, right] = [bytesOf(one), bytesOf(other)];
  for (let k = words * 4; k < byteLength; k++) if (left[k] !== right[k]) return false;
  return true;
}

function wordsOf({ buffer, byteOffset }: ArrayBufferView, count: number): Uint32Array {
  return count === 0 ? new Uint32Array(0) : new Uint32Array(buffer, byteOffset, count);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
