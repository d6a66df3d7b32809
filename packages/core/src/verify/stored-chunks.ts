import type { ReadOptions } from "../bytes/byte-source.js";
import { CorruptDataError } from "../errors.js";
import { joinKey } from "../store/keys.js";
import type { AbsolutePath, Store } from "../store/store.js";
import {
  parseShardIndex,
  type ShardExtent,
  type ShardLayout,
  shardLayout,
} from "../zarr/check/shard-index.js";
import { formatChunkKey } from "../zarr/chunk-key.js";
import type { ArrayNode } from "../zarr/node.js";

/** Reads the bytes of an encoded chunk by its position; undefined where it is missing, as chunks of fill values are. */
export type StoredChunks = (
  position: readonly number[],
  options?: ReadOptions,
) => Promise<Uint8Array | undefined>;

/** Bytes of indexes of shards that are kept. */
const KEPT = 32 * 1024 * 1024;

/** The chunks of an array as they are stored, in shards or not; undefined where its shards are not understood. */
export function storedChunks(store: Store, node: ArrayNode): StoredChunks | undefined {
  const { path, array } = node;
  const keyOf = (position: readonly number[]): AbsolutePath =>
    joinKey(path, formatChunkKey(position, array.chunkKey));
  if (array.shardShape === undefined) return (position, options) => store.get(keyOf(position), options);
  const layout = shardLayout(node);
  if (layout === undefined || "rule" in layout) return undefined;
  return chunksInShards(store, layout, keyOf);
}

type ShardIndex = ReadonlyMap<number, ShardExtent>;

function chunksInShards(
  store: Store,
  layout: ShardLayout,
  keyOf: (position: readonly number[]) => AbsolutePath,
): StoredChunks {
  const { grid, indexSize } = layout;
  const indexes = new Map<AbsolutePath, Promise<ShardIndex | undefined>>();
  const most = Math.max(4, Math.floor(KEPT / indexSize));
  const indexOf = (key: AbsolutePath): Promise<ShardIndex | undefined> => {
    // All who wait for it share it, so that nobody's signal may end it.
    const index = indexes.get(key) ?? readIndex(store, key, layout);
    // Put in again, so that the first one is the one that was used longest ago.
    indexes.delete(key);
    indexes.set(key, index);
    for (const oldest of indexes.keys()) {
      if (indexes.size <= most) break;
      indexes.delete(oldest);
    }
    return index;
  };
  return async (position, options) => {
    const key = keyOf(position.map((at, axis) => Math.floor(at / (grid[axis] as number))));
    const index = await indexOf(key);
    const number = position.reduce((sum, at, axis) => {
      const extent = grid[axis] as number;
      return sum * extent + (at % extent);
    }, 0);
    const place = index?.get(number);
    if (place === undefined) return undefined;
    const { offset, length } = place;
    const isWithin = Number.isSafeInteger(offset + length);
    const bytes = isWithin ? await store.getRange(key, { offset, length }, options) : undefined;
    if (bytes?.length === length) return bytes;
    throw damaged(store, key, "a chunk ends beyond it");
  };
}

/** Undefined where there is no such shard. */
async function readIndex(
  store: Store,
  key: AbsolutePath,
  layout: ShardLayout,
): Promise<ShardIndex | undefined> {
  const { location, indexSize } = layout;
  const range = location === "start" ? { offset: 0, length: indexSize } : { suffixLength: indexSize };
  const bytes = await store.getRange(key, range);
  if (bytes === undefined) return undefined;
  if (bytes.length < indexSize) {
    throw damaged(store, key, `it has ${bytes.length} bytes, fewer than its index`);
  }
  const extents = parseShardIndex(bytes, layout);
  if (typeof extents === "string") throw damaged(store, key, `its index ${extents}`);
  return new Map(extents.map((extent) => [extent.chunk, extent]));
}

function damaged({ name }: Store, key: AbsolutePath, what: string): CorruptDataError {
  return new CorruptDataError(`${key.slice(1)} in ${name} is damaged: ${what}`, {
    location: name,
    path: key,
  });
}
