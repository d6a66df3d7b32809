/**
 * The index of a shard (Zarr sharding codec, "Binary shard format"): the offset and the length of every inner chunk, in C
 * order and 64 bits each, usually followed by a CRC-32C. It is written little-endian and with the checksum.
 *
 * @module
 */

import { crc32c, crc32cFault } from "../codec/checksums.js";
import type { IndexLayout } from "./shard-layout.js";

/** Where an inner chunk lies in its shard, in bytes; undefined where the chunk is missing. */
export type ShardSlot = { readonly offset: number; readonly length: number } | undefined;

/** Where an inner chunk lies in its shard, in bytes. */
export interface ShardExtent {
  /** Its number in the shard, in C order. */
  readonly chunk: number;
  readonly offset: number;
  readonly length: number;
}

/** The offset and the length of each chunk in turn, both -1 where the chunk is missing; as compact as the stored index. */
export type ShardIndex = Float64Array;

const SLOT_SIZE = 16;
const CHECKSUM_SIZE = 4;
/** Each 32-bit word of a missing chunk. */
const MISSING = 0xffffffff;
/** The offset and length of a missing chunk, 2^64-1, rounded to a double. */
const ABSENT = 2 ** 64;

/** The bytes of the index of a shard with this many inner chunks, with its checksum. */
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

/**
 * Parses an index, and checks its checksum alone.
 *
 * @returns the index, or what is wrong, as the end of a sentence about it
 */
export function parseShardIndex(bytes: Uint8Array, layout: IndexLayout): ShardIndex | string {
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
    // A missing chunk: all its elements are the fill value.
    if (offset === ABSENT && length === ABSENT) continue;
    index[chunk * 2] = offset;
    index[chunk * 2 + 1] = length;
  }
  return index;
}

/** The extent of a chunk, by its number; undefined where the chunk is missing. */
export function extentAt(index: ShardIndex, chunk: number): ShardExtent | undefined {
  const offset = index[chunk * 2] ?? -1;
  const length = index[chunk * 2 + 1] ?? -1;
  return offset < 0 ? undefined : { chunk, offset, length };
}

/** The extents of all chunks that exist, sorted by their offsets. */
export function sortedExtents(index: ShardIndex): ShardExtent[] {
  const extents: ShardExtent[] = [];
  for (let chunk = 0; chunk * 2 < index.length; chunk++) {
    const extent = extentAt(index, chunk);
    if (extent !== undefined) extents.push(extent);
  }
  return extents.sort((a, b) => a.offset - b.offset || a.length - b.length);
}

/** A chunk that ends beyond its shard, lies on the index, or overlaps another chunk. */
export type ShardFault =
  | { readonly kind: "beyond"; readonly extent: ShardExtent }
  | { readonly kind: "on-index"; readonly extent: ShardExtent }
  | { readonly kind: "overlap"; readonly extent: ShardExtent; readonly other: ShardExtent };

/** The bounds of a shard and its index, in bytes; infinite where the size is not known. */
export interface ShardBounds {
  readonly indexStart: number;
  readonly indexEnd: number;
  readonly size: number;
}

/**
 * Finds chunks that end beyond the shard, lie on its index, or overlap. Two chunks may have the same extent, as equal
 * chunks that are stored once do.
 *
 * @param sorted by their offsets, as {@link sortedExtents} returns them
 */
export function* shardFaults(
  sorted: readonly ShardExtent[],
  { indexStart, indexEnd, size }: ShardBounds,
): Generator<ShardFault> {
  let reached: ShardExtent | undefined;
  for (const extent of sorted) {
    const { offset, length } = extent;
    if (offset + length > size) {
      yield { kind: "beyond", extent };
      continue;
    }
    if (length > 0 && offset < indexEnd && offset + length > indexStart) {
      yield { kind: "on-index", extent };
    } else if (reached !== undefined && offset < reached.offset + reached.length) {
      if (offset === reached.offset && length === reached.length) continue;
      yield { kind: "overlap", extent, other: reached };
    }
    if (reached === undefined || offset + length > reached.offset + reached.length) reached = extent;
  }
}

/** How many bytes of a shard are read at a time, unless a single chunk is larger. Shards may be larger than memory. */
export const SHARD_BLOCK = 16 * 1024 * 1024;

/** A part of a shard, in bytes, and the chunks in it. */
export interface ExtentBlock {
  readonly offset: number;
  readonly length: number;
  readonly extents: readonly ShardExtent[];
}

/**
 * Groups chunks that lie near each other into blocks of a bounded size, so that small chunks do not take a read each.
 *
 * @param sorted by their offsets, as {@link sortedExtents} returns them
 * @param most bytes of a block, unless a single chunk is larger
 */
export function* extentBlocks(
  sorted: readonly ShardExtent[],
  most: number = SHARD_BLOCK,
): Generator<ExtentBlock> {
  let extents: ShardExtent[] = [];
  let [start, end] = [0, 0];
  for (const extent of sorted) {
    const reach = extent.offset + extent.length;
    if (extents.length > 0 && Math.max(reach, end) - start > most) {
      yield { offset: start, length: end - start, extents };
      extents = [];
    }
    if (extents.length === 0) [start, end] = [extent.offset, extent.offset];
    extents.push(extent);
    end = Math.max(end, reach);
  }
  if (extents.length > 0) yield { offset: start, length: end - start, extents };
}
