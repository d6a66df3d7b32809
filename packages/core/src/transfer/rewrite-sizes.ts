import { shardIndexSize } from "../zarr/shard/shard-index.js";
import type { ArrayRewrite } from "./array-rewrite.js";
import { chunksInShards } from "./unshard-chunks.js";

/** What is known beforehand of how large the entries become that are made. */
export interface RewriteSizes {
  /** About how many bytes, all together: where chunks are compressed anew, as if they stayed as large as they are. */
  readonly bytes: number;
  /** How many in any case. */
  readonly leastBytes: number;
  /** About how many the largest has. */
  readonly largest: number;
}

/** @param shards how many entries are made, where they are shards */
export function rewriteSizes(rewrite: ArrayRewrite, shards: number | undefined): RewriteSizes {
  const { array, stored, task, shardShape } = rewrite;
  const before = stored.reduce((sum, { size }) => sum + size, 0);
  const chunks = rewrite.shards === undefined ? stored.length : chunksInShards(rewrite);
  // Without compression a chunk has the size of its pixels.
  const plain = task?.kind === "recode" && task.to.length === 0 ? task.size : undefined;
  const ofChunks = plain === undefined ? before : chunks * plain;
  const mean = ofChunks / Math.max(1, chunks);
  // Which chunks are in a shard is read with it.
  const isKnown = rewrite.shards === undefined && (plain !== undefined || task?.kind === "rewrap");
  if (shardShape === undefined || shards === undefined) {
    return { bytes: ofChunks, leastBytes: isKnown ? ofChunks : 0, largest: mean };
  }
  const slots = shardShape.reduce(
    (product, extent, axis) => product * (extent / (array.chunkShape[axis] ?? 1)),
    1,
  );
  const index = shardIndexSize(slots);
  return {
    bytes: ofChunks + shards * index,
    leastBytes: isKnown ? ofChunks + shards * index : 0,
    largest: Math.min(slots, chunks) * mean + index,
  };
}
