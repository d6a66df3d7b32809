import { crc32cFault } from "../codec/crc32c-fault.js";
import { crc32c } from "../crc32c.js";
import type { ShardLayout } from "./shard-layout.js";

/**
 * The index of a shard (Zarr sharding codec, "Binary shard format"): for every inner chunk, in C order, its
 * offset and its length, 64 bits each, and most often a CRC-32C behind them all. We write it little-endian with one.
 *
 * @module
 */

/** Where an inner chunk lies in its shard; undefined where the chunk is missing. */
export type ShardSlot = { readonly offset: number; readonly length: number } | undefined;

/** Where a chunk lies in its shard. */
export interface ShardExtent {
  /** Its number in the shard, in C order. */
  readonly chunk: number;
  readonly offset: number;
  readonly length: number;
}

/** The offset and the length of each chunk, one after the other, both -1 where it is missing: as large as it is stored. */
export type ShardIndex = Float64Array;

const SLOT_SIZE = 16;
const CHECKSUM_SIZE = 4;
/** In both words: there is no such chunk. */
const MISSING = 0xffffffff;
/** That word, 2^64-1, as doubles round it. */
const ABSENT = 2 ** 64;

/** Bytes of the index of a shard with this many inner chunks. */
export function shardIndexSize(chunks: number): number {
  return chunks * SLOT_SIZE + CHECKSUM_SIZE;
}

/** Encodes an index with the codecs `bytes` (little-endian) and `crc32c`. */
export function encodeShardIndex(slots: readonly ShardSlot[]): Uint8Array {
  const bytes = new Uint8Array(shardIndexSize(slots.length));
  const view = new DataView(bytes.buffer);
  slots.forEach((slot, k) => {
    const at = k * SLOT_SIZE;
    if (slot === undefined) {
      for (let word = 0; word < 4; word++) view.setUint32(at + word * 4, MISSING, true);
    } else {
      view.setBigUint64(at, BigInt(slot.offset), true);
      view.setBigUint64(at + 8, BigInt(slot.length), true);
    }
  });
  const end = slots.length * SLOT_SIZE;
  view.setUint32(end, crc32c(bytes.subarray(0, end)), true);
  return bytes;
}

/** Reads an index; the end of a sentence about it where its checksum is wrong. Nothing else of it is checked. */
export function parseShardIndex(bytes: Uint8Array, layout: ShardLayout): ShardIndex | string {
  const fault = layout.checksum ? crc32cFault(bytes) : undefined;
  if (fault !== undefined) return fault;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [low, high] = layout.littleEndian ? [0, 4] : [4, 0];
  const read = (at: number): number =>
    view.getUint32(at + high, layout.littleEndian) * 0x1_0000_0000 +
    view.getUint32(at + low, layout.littleEndian);
  const count = Math.floor((bytes.length - (layout.checksum ? CHECKSUM_SIZE : 0)) / SLOT_SIZE);
  const index = new Float64Array(count * 2).fill(-1);
  for (let chunk = 0; chunk < count; chunk++) {
    const [offset, length] = [read(chunk * SLOT_SIZE), read(chunk * SLOT_SIZE + 8)];
    // A chunk of the fill value alone, which is not stored.
    if (offset === ABSENT && length === ABSENT) continue;
    index[chunk * 2] = offset;
    index[chunk * 2 + 1] = length;
  }
  return index;
}

/** Where a chunk lies, by its number; undefined where it is missing. */
export function extentAt(index: ShardIndex, chunk: number): ShardExtent | undefined {
  const [offset = -1, length = -1] = index.subarray(chunk * 2, chunk * 2 + 2);
  return offset < 0 ? undefined : { chunk, offset, length };
}

/** The chunks that there are, by where they start. */
export function sortedExtents(index: ShardIndex): ShardExtent[] {
  const extents: ShardExtent[] = [];
  for (let chunk = 0; chunk * 2 < index.length; chunk++) {
    const extent = extentAt(index, chunk);
    if (extent !== undefined) extents.push(extent);
  }
  return extents.sort((a, b) => a.offset - b.offset || a.length - b.length);
}
