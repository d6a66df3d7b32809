import {
  type AbsolutePath,
  type ArrayDescription,
  NotFoundError,
  type ReadOptions,
  SourceChangedError,
  type Store,
} from "@ozx/core";
import { type EntryInput, type GeneratedEntry, readAhead } from "@ozx/core/container";
import {
  type CodingTask,
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
  shardIndexSize,
  sortedExtents,
} from "@ozx/core/internal";
import type { PlacedChunk } from "./assemble-shards.js";

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
  const last = options?.after && parseChunkKey(nameBelow(path, options.after), array);
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
    if (index === undefined) throw sourceRemoved(source, key);
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

/** Where the bytes of an encoded chunk are. */
export interface ChunkExtent {
  readonly entry: EntryInput;
  readonly key: AbsolutePath;
  /** The whole value when undefined. */
  readonly range?: { readonly offset: number; readonly length: number } | undefined;
}

/** Where a chunk lies, by the shard it is in and its number there; undefined where there is none. */
export type ShardReader = (shard: EntryInput, chunk: number) => Promise<ChunkExtent | undefined>;

/** Looks chunks up in shards, and keeps the indexes that were used last. */
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

/** The bytes of a chunk. */
export async function readExtent(
  source: Store,
  { entry, key, range }: ChunkExtent,
  options?: ReadOptions,
): Promise<Uint8Array> {
  options?.signal?.throwIfAborted();
  const bytes =
    range === undefined ? await source.get(key, options) : await source.getRange(key, range, options);
  if (bytes === undefined) throw sourceRemoved(source, key);
  if (bytes.length !== (range?.length ?? entry.size)) {
    throw new SourceChangedError(
      `${key.slice(1)} in ${source.name} is not what it was: something changed it while it was being read; try again when nothing writes there`,
      { location: source.name, path: key },
    );
  }
  return bytes;
}

/** The error of a value that was there when the transfer was planned. */
export function sourceRemoved({ name }: Store, key: AbsolutePath): NotFoundError {
  return new NotFoundError(`${key.slice(1)} is no longer in ${name}: it was removed while being read`, {
    location: name,
    path: key,
  });
}

/** The key in the source that an entry is a copy of. */
export function contentKey({ key, content }: EntryInput): AbsolutePath {
  if (typeof content === "string") return content;
  throw new TypeError(`${key} is no copy of a value`);
}

/** An array whose stored objects are made anew, and how. */
export interface ArrayRewrite {
  readonly path: AbsolutePath;
  /** As the stored objects are now. */
  readonly array: ArrayDescription;
  /** How they are made, where they are shards. */
  readonly shards: ShardLayout | undefined;
  /** The stored objects, in C order of their positions. */
  readonly stored: readonly PlacedChunk<EntryInput>[];
  /** What is done to each chunk; undefined where its bytes stay as they are. */
  readonly task: CodingTask | undefined;
  /** Whether nobody asked for it: the Zarr that is written has no word for how the chunks are kept. */
  readonly isRequired: boolean;
  /** The shape of the shards that are made; undefined where each chunk becomes an entry. */
  readonly shardShape: readonly number[] | undefined;
}

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
