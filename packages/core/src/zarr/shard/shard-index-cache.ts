import { shareByKey } from "../../bytes/concurrency.js";
import type { ReadOptions } from "../../bytes/source-and-sink.js";
import { CorruptDataError, SourceChangedError } from "../../errors.js";
import type { AbsolutePath, Store } from "../../store/store.js";
import {
  parseShardIndex,
  type ShardFault,
  type ShardIndex,
  shardFaults,
  sortedExtents,
} from "./shard-index.js";
import { describeChunk, type ShardLayout } from "./shard-layout.js";

/** Indexes of shards that are kept, in bytes, about. */
const CACHE_BYTES = 32 * 1024 * 1024;
/** What an index counts at least, with its key and all that the engine needs for it: small ones are never too many. */
const LEAST_COST = 512;
/** However large they are: the shards that one read at borders needs at once. */
const MIN_CACHED = 4;

/** A shard in a store. */
export interface StoredShard {
  readonly key: AbsolutePath;
  /** Its bytes; where that is not known, a chunk that ends beyond it is found out only when it is read. */
  readonly size?: number | undefined;
}

/** Reads the index of a shard; undefined where there is no such shard. */
export type ShardIndexCache = (shard: StoredShard, options?: ReadOptions) => Promise<ShardIndex | undefined>;

/**
 * Reads the indexes of an array's shards, and keeps those that were used last. An index is believed only when its
 * checksum is right, and its chunks lie in the shard, beside each other and beside the index.
 *
 * All who wait for an index share its reading, which ends when nobody waits any more.
 *
 * The promises are broken by CorruptDataError naming a shard whose index cannot be believed, and by
 * SourceChangedError where a shard is no longer as large as it is said to be.
 */
export function createShardIndexCache(store: Store, layout: ShardLayout): ShardIndexCache {
  const kept = new Map<AbsolutePath, ShardIndex | undefined>();
  const share = shareByKey<AbsolutePath, ShardIndex | undefined>();
  const most = Math.max(MIN_CACHED, Math.floor(CACHE_BYTES / Math.max(LEAST_COST, layout.indexSize)));
  return async (shard, options) => {
    const { key } = shard;
    const index = kept.has(key)
      ? kept.get(key)
      : await share(key, (shared) => readShardIndex(store, shard, layout, shared), options);
    // Put in again, so that the first one is the one that was used longest ago.
    kept.delete(key);
    kept.set(key, index);
    for (const oldest of kept.keys()) {
      if (kept.size <= most) break;
      kept.delete(oldest);
    }
    return index;
  };
}

/** Reads one index, and keeps none. Throws as {@link createShardIndexCache} has it. */
export async function readShardIndex(
  store: Store,
  { key, size }: StoredShard,
  layout: ShardLayout,
  options?: ReadOptions,
): Promise<ShardIndex | undefined> {
  options?.signal?.throwIfAborted();
  const { location, indexSize } = layout;
  if (size !== undefined && size < indexSize) throw smallerThanIndex(store, key, size);
  const isFirst = location === "start";
  const range = isFirst ? { offset: 0, length: indexSize } : { suffixLength: indexSize };
  const bytes = await store.getRange(key, range, options);
  if (bytes === undefined) return undefined;
  if (bytes.length < indexSize) {
    if (size !== undefined) throw shardChanged(store, key);
    throw smallerThanIndex(store, key, bytes.length);
  }
  const index = parseShardIndex(bytes, layout);
  if (typeof index === "string") throw damagedShard(store, key, `its index ${index}`);
  const end = size ?? Number.POSITIVE_INFINITY;
  const indexStart = isFirst ? 0 : end - indexSize;
  const bounds = { indexStart, indexEnd: indexStart + indexSize, size: end };
  for (const fault of shardFaults(sortedExtents(index), bounds)) {
    throw damagedShard(store, key, formatFault(fault, layout));
  }
  return index;
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

/** The error of a shard that has no room for its index. */
export function smallerThanIndex(store: Store, key: AbsolutePath, size: number): CorruptDataError {
  return damagedShard(store, key, `it has ${size} bytes, fewer than its index`);
}

/** The error of a shard that cannot be believed. */
export function damagedShard({ name }: Store, key: AbsolutePath, what: string): CorruptDataError {
  return new CorruptDataError(`${key.slice(1)} in ${name} is damaged: ${what}`, {
    location: name,
    path: key,
  });
}

function shardChanged({ name }: Store, key: AbsolutePath): SourceChangedError {
  return new SourceChangedError(
    `${key.slice(1)} in ${name} is not what it was: something changed it while it was being read; try again when nothing writes there`,
    { location: name, path: key },
  );
}
