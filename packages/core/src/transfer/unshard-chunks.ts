import { readAhead } from "../bytes/concurrency.js";
import type { ReadOptions } from "../bytes/source-and-sink.js";
import type { Store } from "../store/store.js";
import { joinKey, nameBelow } from "../store/store-keys.js";
import type { EntryInput, GeneratedEntry, ProduceOptions } from "../store/target.js";
import type { PlacedChunk } from "../zarr/shard/assemble-shards.js";
import { type ExtentBlock, extentBlocks, sortedExtents } from "../zarr/shard/shard-index.js";
import { readShardIndex } from "../zarr/shard/shard-index-cache.js";
import { numberInShard, positionInShard, type ShardLayout } from "../zarr/shard/shard-layout.js";
import type { ArrayDescription } from "../zarr/zarr-node.js";
import { formatChunkKey, parseChunkKey } from "../zarr/zarr-node.js";
import type { ArrayRewrite } from "./array-rewrite.js";
import { contentKey, readExtent, removed } from "./stored-shards.js";

/** Parts of shards that are read at once, and how large they are, but for a chunk that is larger. */
const BLOCKS_AT_ONCE = 2;
const BLOCK = 4 * 1024 * 1024;

/** An encoded chunk that was in a shard, under the key that it has on its own. */
export interface UnshardedChunk extends GeneratedEntry {
  readonly bytes: Uint8Array;
  /** The shard it was in. */
  readonly shard: EntryInput;
}

/**
 * The chunks of shards, byte for byte, shard after shard and in each in the order in which they are stored. Missing
 * chunks stay missing, and what a shard holds beyond the array's end is left out.
 *
 * @param options what an earlier run has made is left out
 * @throws CorruptDataError naming a shard whose index cannot be believed
 */
export async function* unshardChunks(
  source: Store,
  { path, array, shards: layout, stored }: ArrayRewrite,
  options?: ProduceOptions,
): AsyncGenerator<UnshardedChunk> {
  if (layout === undefined) return;
  const last = options?.earlier && parseChunkKey(nameBelow(path, options.earlier.last), array);
  const inShard = last && (({ position }: PlacedChunk<EntryInput>) => contains(position, last, layout));
  const shards = inShard ? stored.slice(stored.findIndex(inShard)) : stored;
  const read = async (block: ShardBlock) => ({ ...block, bytes: await readBlock(source, block, options) });
  const blocks = blocksOfShards(source, shards, layout, last && numberInShard(last, layout), options);
  for await (const { position, shard, offset, extents, bytes } of readAhead(blocks, BLOCKS_AT_ONCE, read)) {
    for (const extent of extents) {
      const within = positionInShard(extent.chunk, layout);
      const chunk = within.map((at, axis) => at + (position[axis] as number) * (layout.grid[axis] as number));
      if (!isInArray(chunk, array)) continue;
      const start = extent.offset - offset;
      yield {
        key: joinKey(path, formatChunkKey(chunk, array.chunkKey)),
        bytes: bytes.subarray(start, start + extent.length),
        shard,
      };
    }
  }
}

interface ShardBlock extends ExtentBlock {
  readonly position: readonly number[];
  readonly shard: EntryInput;
}

async function* blocksOfShards(
  source: Store,
  stored: readonly PlacedChunk<EntryInput>[],
  layout: ShardLayout,
  last: number | undefined,
  options?: ReadOptions,
): AsyncGenerator<ShardBlock> {
  for (const [shardIndex, { position, key: shard }] of stored.entries()) {
    const key = contentKey(shard);
    // Each is needed once: none is kept.
    const index = await readShardIndex(source, { key, size: shard.size }, layout, options);
    if (index === undefined) throw removed(source, key);
    const extents = sortedExtents(index);
    const done = shardIndex === 0 ? extents.findIndex(({ chunk }) => chunk === last) + 1 : 0;
    for (const block of extentBlocks(extents.slice(done), BLOCK)) yield { ...block, position, shard };
  }
}

function contains(shard: readonly number[], chunk: readonly number[], { grid }: ShardLayout): boolean {
  return chunk.every((at, axis) => Math.floor(at / (grid[axis] as number)) === shard[axis]);
}

function readBlock(
  source: Store,
  { shard, offset, length }: ShardBlock,
  options?: ReadOptions,
): Promise<Uint8Array> {
  return readExtent(source, { entry: shard, key: contentKey(shard), range: { offset, length } }, options);
}

function isInArray(chunk: readonly number[], { shape, chunkShape }: ArrayDescription): boolean {
  return chunk.every((at, axis) => at * (chunkShape[axis] as number) < (shape[axis] as number));
}

/** How many chunks there are at most in the shards of an array that are stored. */
export function chunksInShards({ array, shards: layout, stored }: ArrayRewrite): number {
  if (layout === undefined) return 0;
  const chunksOf = array.shape.map((extent, axis) => Math.ceil(extent / (array.chunkShape[axis] as number)));
  return stored.reduce((sum, { position }) => {
    const room = position.map((at, axis) => {
      const grid = layout.grid[axis] as number;
      return Math.max(0, Math.min(grid, (chunksOf[axis] as number) - at * grid));
    });
    return sum + room.reduce((product, extent) => product * extent, 1);
  }, 0);
}
