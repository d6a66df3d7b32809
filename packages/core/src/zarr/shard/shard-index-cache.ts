import { shareByKey } from "../../bytes/concurrency.js";
import type { ReadOptions } from "../../bytes/source-and-sink.js";
import { CorruptDataError, UnsupportedError } from "../../errors.js";
import { formatBytes } from "../../format/quantities.js";
import { sourceChanged } from "../../store/entry-bytes.js";
import type { AbsolutePath, Store } from "../../store/store.js";
import {
  parseShardIndex,
  type ShardExtent,
  type ShardFault,
  type ShardIndex,
  shardFaults,
  sortedExtents,
} from "./shard-index.js";
import { describeChunk, type ShardLayout } from "./shard-layout.js";

/** The size of the cache, in bytes of indexes. */
const CACHE_BYTES = 32 * 1024 * 1024;
/** The least that an index counts for, with its key and object, which bounds the number of small ones. */
const LEAST_COST = 512;
/** The least number of cached indexes, however large: a read across a corner of shards needs four at once. */
const MIN_CACHED = 4;

/** A shard in a store. */
export interface StoredShard {
  readonly key: AbsolutePath;
  /** Its length in bytes. Without it, a chunk that ends beyond the shard is detected only when it is read. */
  readonly size?: number | undefined;
}

/** Reads the index of a shard; undefined where there is no such shard. */
export type ShardIndexCache = (shard: StoredShard, options?: ReadOptions) => Promise<ShardIndex | undefined>;

/**
 * Reads the indexes of an array's shards, and caches the most recently used. An index is valid when its checksum is
 * right and its chunks lie within the shard, without overlaps. Concurrent reads of an index share one request, which is
 * aborted when no caller waits any more.
 *
 * Reads throw `CorruptDataError` naming a shard with an invalid index, `UnsupportedError` for an index that would fill the
 * memory, and `SourceChangedError` where a shard is shorter than `size`.
 */
export function createShardIndexCache(store: Store, layout: ShardLayout): ShardIndexCache {
  const cache = new Map<AbsolutePath, ShardIndex | undefined>();
  const share = shareByKey<AbsolutePath, ShardIndex | undefined>();
  const most = Math.max(MIN_CACHED, Math.floor(CACHE_BYTES / Math.max(LEAST_COST, layout.indexSize)));
  return async (shard, options) => {
    const { key } = shard;
    const index = cache.has(key)
      ? cache.get(key)
      : await share(key, (shared) => readShardIndex(store, shard, layout, shared), options);
    // Moved to the end, so that the first one is the least recently used.
    cache.delete(key);
    cache.set(key, index);
    for (const oldest of cache.keys()) {
      if (cache.size <= most) break;
      cache.delete(oldest);
    }
    return index;
  };
}

/** Reads one index, without a cache. Throws like {@link createShardIndexCache}. */
export async function readShardIndex(
  store: Store,
  { key, size }: StoredShard,
  layout: ShardLayout,
  options?: ReadOptions,
): Promise<ShardIndex | undefined> {
  options?.signal?.throwIfAborted();
  const { location, indexSize } = layout;
  checkIndexSize(store, key, indexSize);
  if (size !== undefined && size < indexSize) throw smallerThanIndex(store, key, size);
  const isFirst = location === "start";
  const range = isFirst ? { offset: 0, length: indexSize } : { suffixLength: indexSize };
  const bytes = await store.getRange(key, range, options);
  if (bytes === undefined) return undefined;
  if (bytes.length < indexSize) {
    if (size !== undefined) throw sourceChanged(store, { key });
    throw smallerThanIndex(store, key, bytes.length);
  }
  const index = parseShardIndex(bytes, layout);
  if (typeof index === "string") throw damagedShard(store, key, `its index ${index}`);
  const end = size ?? Number.POSITIVE_INFINITY;
  const indexStart = isFirst ? 0 : end - indexSize;
  const bounds = { indexStart, indexEnd: indexStart + indexSize, size: end };
  const extents = sortedExtents(index);
  for (const fault of shardFaults(extents, bounds))
    throw damagedShard(store, key, formatFault(fault, layout));
  const large = extents.find(({ length }) => length > layout.largestChunk);
  if (large !== undefined) throw damagedShard(store, key, tooLongChunk(large, layout));
  return index;
}

/** In bytes: of a shard of 16 million chunks. The sharding codec is made for thousands. */
const LARGEST_INDEX = 256 * 1024 * 1024;

/**
 * Checks that the index of a shard does not fill the memory.
 *
 * @throws UnsupportedError when it is larger than 256 MiB
 */
export function checkIndexSize({ name }: Pick<Store, "name">, key: AbsolutePath, indexSize: number): void {
  if (indexSize <= LARGEST_INDEX) return;
  throw new UnsupportedError(
    `${key.slice(1)} in ${name} cannot be read: the index of its chunks has ${formatBytes(indexSize)}, and is read up to ${formatBytes(LARGEST_INDEX)}; zarr-python can rewrite the array with smaller shards`,
    { location: name, path: key, feature: "very large shard index" },
  );
}

function tooLongChunk({ chunk, length }: ShardExtent, layout: ShardLayout): string {
  return `its chunk (${describeChunk(chunk, layout)}) has ${formatBytes(length)}, though at most ${formatBytes(layout.largestChunk)} make sense`;
}

function formatFault(fault: ShardFault, layout: ShardLayout): string {
  const chunk = `its chunk (${describeChunk(fault.extent.chunk, layout)})`;
  switch (fault.kind) {
    case "beyond":
      return `${chunk} ends beyond it`;
    case "on-index":
      return `${chunk} lies on top of its index`;
    case "overlap":
      return `${chunk} shares bytes with the one at (${describeChunk(fault.other.chunk, layout)})`;
  }
}

/** The error for a shard that is shorter than its index. */
export function smallerThanIndex(store: Store, key: AbsolutePath, size: number): CorruptDataError {
  return damagedShard(store, key, `it has ${size} bytes, fewer than its index`);
}

/** The error for a damaged shard. */
export function damagedShard({ name }: Store, key: AbsolutePath, what: string): CorruptDataError {
  return new CorruptDataError(`${key.slice(1)} in ${name} is damaged: ${what}`, {
    location: name,
    path: key,
  });
}
