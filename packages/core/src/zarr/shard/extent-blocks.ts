import type { ShardExtent } from "./shard-index.js";

/** How much of a shard is read at once; shards may be larger than memory, and so is a single chunk at most. */
export const SHARD_BLOCK = 16 * 1024 * 1024;

/** A part of a shard, and the chunks that lie in it. */
export interface ExtentBlock {
  readonly offset: number;
  readonly length: number;
  readonly extents: readonly ShardExtent[];
}

/**
 * Joins chunks that lie near each other into reads of a bounded size, so that small chunks cost no read each.
 *
 * @param sorted by where they start
 * @param most bytes of a block, but for a chunk that is larger
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
