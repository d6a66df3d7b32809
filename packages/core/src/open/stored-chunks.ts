import type { ReadOptions } from "../bytes/source-and-sink.js";
import type { AbsolutePath, Store } from "../store/store.js";
import { joinKey } from "../store/store-keys.js";
import { extentAt } from "../zarr/shard/shard-index.js";
import { createShardIndexCache, damagedShard } from "../zarr/shard/shard-index-cache.js";
import { numberInShard, type ShardLayout, shardLayout } from "../zarr/shard/shard-layout.js";
import type { ArrayNode } from "../zarr/zarr-node.js";
import { formatChunkKey } from "../zarr/zarr-node.js";

/** Reads the bytes of an encoded chunk by its position; undefined where it is missing, as chunks of fill values are. */
export type StoredChunks = (
  position: readonly number[],
  options?: ReadOptions,
) => Promise<Uint8Array | undefined>;

/** The chunks of an array as they are stored, in shards or not; undefined where its shards are not understood. */
export function storedChunks(store: Store, node: ArrayNode): StoredChunks | undefined {
  const { path, array } = node;
  const keyOf = (position: readonly number[]): AbsolutePath =>
    joinKey(path, formatChunkKey(position, array.chunkKey));
  if (array.shardShape === undefined) return (position, options) => store.get(keyOf(position), options);
  const layout = shardLayout(node);
  if (layout === undefined || typeof layout === "string") return undefined;
  return chunksInShards(store, layout, keyOf);
}

function chunksInShards(
  store: Store,
  layout: ShardLayout,
  keyOf: (position: readonly number[]) => AbsolutePath,
): StoredChunks {
  const { grid } = layout;
  const indexOf = createShardIndexCache(store, layout);
  return async (position, options) => {
    const key = keyOf(position.map((at, axis) => Math.floor(at / (grid[axis] as number))));
    const index = await indexOf({ key }, options);
    const place = index && extentAt(index, numberInShard(position, layout));
    if (place === undefined) return undefined;
    const { offset, length } = place;
    const isWithin = Number.isSafeInteger(offset + length);
    const bytes = isWithin ? await store.getRange(key, { offset, length }, options) : undefined;
    if (bytes?.length === length) return bytes;
    throw damagedShard(store, key, "a chunk ends beyond it");
  };
}
