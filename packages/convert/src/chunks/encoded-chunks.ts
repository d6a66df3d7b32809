import type { AbsolutePath, ArrayDescription, ReadOptions, Store } from "@ozx/core";
import {
  type EntryInput,
  type GeneratedEntry,
  readAhead,
  readValue,
  sourceChanged,
} from "@ozx/core/container";
import {
  createShardIndexCache,
  type ExtentBlock,
  extentAt,
  extentBlocks,
  formatChunkKey,
  joinKey,
  nameBelow,
  numberInShard,
  type ProduceOptions,
  parseChunkKey,
  positionInShard,
  readShardIndex,
  type ShardLayout,
  sortedExtents,
  sourceRemoved,
} from "@ozx/core/internal";
import type { ArrayRewrite } from "./array-rewrite.js";
import { type PlacedChunk, positionInGrid } from "./assemble-shards.js";

/** Where the bytes of an encoded chunk are. */
export interface ChunkExtent {
  readonly entry: EntryInput;
  /** The key of the value in the source. */
  readonly key: AbsolutePath;
  /** The chunk's bytes in the value; the whole value if undefined. */
  readonly range?: { readonly offset: number; readonly length: number } | undefined;
}

/**
 * Reads an encoded chunk.
 *
 * @throws NotFoundError, SourceChangedError if the source changed after planning
 */
export async function readExtent(
  source: Store,
  { entry, key, range }: ChunkExtent,
  options?: ReadOptions,
): Promise<Uint8Array> {
  options?.signal?.throwIfAborted();
  if (range === undefined) return readValue(source, { key, size: entry.size }, options);
  const bytes = await source.getRange(key, range, options);
  if (bytes === undefined) throw sourceRemoved(source, key);
  if (bytes.length !== range.length) throw sourceChanged(source, { key });
  return bytes;
}

/** The key in the source that an entry is a copy of. */
export function contentKey({ key, content }: EntryInput): AbsolutePath {
  if (typeof content === "string") return content;
  throw new TypeError(`${key} is not a copy of a value`);
}

/** Locates a chunk by its shard and its number in it; undefined if the shard does not have it. */
type ShardReader = (shard: EntryInput, chunk: number) => Promise<ChunkExtent | undefined>;

/** Locates chunks in shards, and caches the indexes that were used last. */
export function shardReader(source: Store, layout: ShardLayout, options?: ReadOptions): ShardReader {
  const indexOf = createShardIndexCache(source, layout);
  return async (shard, chunk) => {
    const key = contentKey(shard);
    const index = await indexOf({ key, size: shard.size }, options);
    if (index === undefined) throw sourceRemoved(source, key);
    const extent = extentAt(index, chunk);
    return extent && { entry: shard, key, range: extent };
  };
}

/** An encoded chunk that was in a shard, under the key that it has as a separate entry. */
export interface UnshardedChunk extends GeneratedEntry {
  readonly bytes: Uint8Array;
  /** The shard it was in. */
  readonly shard: EntryInput;
}

/** Blocks of shards that are read at once. */
const BLOCKS_AT_ONCE = 2;
/** The size of these blocks in bytes; a chunk that is larger is a block of its own. */
const BLOCK = 4 * 1024 * 1024;

/**
 * Reads the chunks of shards without decoding them: shard by shard, and in each in the order in which they are stored.
 * Chunks that a shard holds beyond the array's end are left out.
 *
 * @param options what an earlier run has written is left out
 * @throws CorruptDataError naming a shard whose index is invalid
 */
export async function* unshardChunks(
  source: Store,
  { path, array, stored }: ArrayRewrite,
  layout: ShardLayout,
  options?: ProduceOptions,
): AsyncGenerator<UnshardedChunk> {
  const last = options?.after && parseChunkKey(nameBelow(path, options.after), array);
  const lastShard = last && positionInGrid(last, layout.grid).join();
  const firstIndex = last ? stored.findIndex(({ position }) => position.join() === lastShard) : 0;
  const blocks = blocksOfShards(
    source,
    stored.slice(firstIndex),
    { layout, last: last && numberInShard(last, layout) },
    options,
  );
  const read = async (block: ShardBlock) => {
    const { shard, offset, length } = block;
    const extent = { entry: shard, key: contentKey(shard), range: { offset, length } };
    return { ...block, bytes: await readExtent(source, extent, options) };
  };
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

/** @param last the number of the first shard's chunk that an earlier run wrote last; undefined if it is not resumed */
async function* blocksOfShards(
  source: Store,
  stored: readonly PlacedChunk<EntryInput>[],
  { layout, last }: { readonly layout: ShardLayout; readonly last: number | undefined },
  options?: ReadOptions,
): AsyncGenerator<ShardBlock> {
  for (const [shardIndex, { position, key: shard }] of stored.entries()) {
    const key = contentKey(shard);
    // Each index is used once, so it is not cached.
    const index = await readShardIndex(source, { key, size: shard.size }, layout, options);
    if (index === undefined) throw sourceRemoved(source, key);
    const extents = sortedExtents(index);
    const done = shardIndex === 0 ? extents.findIndex(({ chunk }) => chunk === last) + 1 : 0;
    for (const block of extentBlocks(extents.slice(done), BLOCK)) yield { ...block, position, shard };
  }
}

/** Whether a chunk lies in the array, at least in part. */
export function isInArray(chunk: readonly number[], { shape, chunkShape }: ArrayDescription): boolean {
  return chunk.every((at, axis) => at * (chunkShape[axis] as number) < (shape[axis] as number));
}
