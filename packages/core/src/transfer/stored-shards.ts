import type { ReadOptions } from "../bytes/source-and-sink.js";
import { NotFoundError, SourceChangedError } from "../errors.js";
import type { AbsolutePath, Store } from "../store/store.js";
import type { EntryInput } from "../store/target.js";
import { extentAt } from "../zarr/shard/shard-index.js";
import { createShardIndexCache } from "../zarr/shard/shard-index-cache.js";
import type { ShardLayout } from "../zarr/shard/shard-layout.js";

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
    if (index === undefined) throw removed(source, key);
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
  if (bytes === undefined) throw removed(source, key);
  if (bytes.length !== (range?.length ?? entry.size)) {
    throw new SourceChangedError(
      `${key.slice(1)} in ${source.name} is not what it was: something changed it while it was being read; try again when nothing writes there`,
      { location: source.name, path: key },
    );
  }
  return bytes;
}

/** The error of a value that was there when the transfer was planned. */
export function removed({ name }: Store, key: AbsolutePath): NotFoundError {
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
