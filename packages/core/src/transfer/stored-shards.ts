import type { ReadOptions } from "../bytes/byte-source.js";
import { CorruptDataError, NotFoundError, SourceChangedError } from "../errors.js";
import type { AbsolutePath, Store } from "../store/store.js";
import type { EntryInput } from "../store/target.js";
import { parseShardIndex, type ShardLayout } from "../zarr/check/shard-index.js";

/** Where the bytes of an encoded chunk are. */
export interface ChunkExtent {
  readonly entry: EntryInput;
  readonly key: AbsolutePath;
  /** The whole value when undefined. */
  readonly range?: { readonly offset: number; readonly length: number } | undefined;
}

/** Indexes of shards that are kept, in bytes of the indexes. */
const KEPT = 32 * 1024 * 1024;

/** Looks chunks up in shards, and keeps the indexes that were used last. */
export interface ShardReader {
  /** Where a chunk lies, by the shard it is in and its number there; undefined where there is none. */
  extent(shard: EntryInput, chunk: number, options?: ReadOptions): Promise<ChunkExtent | undefined>;
}

export function shardReader(source: Store, layout: ShardLayout): ShardReader {
  const indexes = new Map<AbsolutePath, Promise<Float64Array>>();
  const most = Math.max(1, Math.floor(KEPT / layout.indexSize));
  return {
    async extent(shard, chunk, options) {
      const { key } = shard;
      const index = indexes.get(key) ?? readIndex(source, shard, layout, options);
      // Put in again, so that the first one is the one that was used longest ago.
      indexes.delete(key);
      indexes.set(key, index);
      for (const oldest of indexes.keys()) {
        if (indexes.size <= most) break;
        indexes.delete(oldest);
      }
      const slots = await index;
      const [offset = ABSENT, length = ABSENT] = slots.subarray(chunk * 2, chunk * 2 + 2);
      if (offset === ABSENT) return undefined;
      return { entry: shard, key: contentKey(shard), range: { offset, length } };
    },
  };
}

const ABSENT = -1;

/** Offset and length of each chunk, both -1 where it is missing. */
async function readIndex(
  source: Store,
  shard: EntryInput,
  layout: ShardLayout,
  options?: ReadOptions,
): Promise<Float64Array> {
  const { indexSize, location, grid } = layout;
  const damaged = (what: string): CorruptDataError =>
    new CorruptDataError(`${shard.key.slice(1)} in ${source.name} is damaged: ${what}`, {
      location: source.name,
      path: shard.key,
    });
  if (shard.size < indexSize) throw damaged(`it has ${shard.size} bytes, fewer than its index`);
  const offset = location === "start" ? 0 : shard.size - indexSize;
  const bytes = await readExtent(
    source,
    { entry: shard, key: contentKey(shard), range: { offset, length: indexSize } },
    options,
  );
  const extents = parseShardIndex(bytes, layout);
  if (typeof extents === "string") throw damaged(`its index ${extents}`);
  const slots = new Float64Array(grid.reduce((product, extent) => product * extent, 2)).fill(ABSENT);
  for (const extent of extents) {
    if (extent.offset + extent.length > shard.size) throw damaged("a chunk ends beyond it");
    slots.set([extent.offset, extent.length], extent.chunk * 2);
  }
  return slots;
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
  const place = { location: source.name, path: entry.key };
  if (bytes === undefined) {
    throw new NotFoundError(
      `${key.slice(1)} is no longer in ${source.name}: it was removed while being read`,
      place,
    );
  }
  if (bytes.length !== (range?.length ?? entry.size)) {
    throw new SourceChangedError(
      `${key.slice(1)} in ${source.name} is not what it was: something changed it while it was being read; try again when nothing writes there`,
      place,
    );
  }
  return bytes;
}

/** The key in the source that an entry is a copy of. */
export function contentKey({ key, content }: EntryInput): AbsolutePath {
  if (typeof content === "string") return content;
  throw new TypeError(`${key} is no copy of a value`);
}
