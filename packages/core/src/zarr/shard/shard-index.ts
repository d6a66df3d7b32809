import { crc32c } from "../crc32c.js";

/**
 * The index of a shard (Zarr sharding codec, "Binary shard format"): for every inner chunk, in C order, its
 * offset and its length, 64 bits each and little-endian, and a CRC-32C behind them all.
 *
 * @module
 */

/** Where an inner chunk lies in its shard; undefined where the chunk is missing. */
export type ShardSlot = { readonly offset: number; readonly length: number } | undefined;

const SLOT_SIZE = 16;
const CHECKSUM_SIZE = 4;
/** In both words: there is no such chunk. */
const MISSING = 0xffffffff;

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
