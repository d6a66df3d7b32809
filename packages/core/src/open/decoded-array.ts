import type { ReadOptions } from "../bytes/source-and-sink.js";
import { CorruptDataError } from "../errors.js";
import type { AbsolutePath, Store } from "../store/store.js";
import { joinKey, nameBelow } from "../store/store-keys.js";
import type { ChunkWorkers } from "../workers/chunk-tasks.js";
import { extentAt } from "../zarr/shard/shard-index.js";
import { createShardIndexCache, damagedShard } from "../zarr/shard/shard-index-cache.js";
import { numberInShard, type ShardLayout, shardLayout } from "../zarr/shard/shard-layout.js";
import { type ArrayNode, formatChunkKey, parseChunkKey } from "../zarr/zarr-node.js";
import type { DecodedChunks, ElementParts } from "./chunk-coding.js";
import { openArray } from "./open-array.js";
import type { PixelArray } from "./open-node.js";

/**
 * An array whose chunks are decompressed by `work`, in threads if it has some; zarrita makes elements of them,
 * or of what stands for them.
 */
export function openDecodedArray(
  { store, node }: { readonly store: Store; readonly node: ArrayNode },
  chunks: StoredChunks,
  { task, node: plain, widen, missing }: DecodedChunks & Partial<ElementParts>,
  work: ChunkWorkers,
): Promise<PixelArray> {
  const { name } = store;
  const get = async (key: AbsolutePath, options?: ReadOptions): Promise<Uint8Array | undefined> => {
    // Where elements have parts, they lie along one more dimension, of one chunk.
    const position = parseChunkKey(nameBelow(node.path, key), plain.array)?.slice(0, node.array.shape.length);
    const bytes = position && (await chunks(position, options));
    if (position === undefined || bytes === undefined) return position && missing?.();
    const decoded = task === undefined ? bytes : await work.run(task, bytes, options);
    if (typeof decoded !== "string") return aligned(widen?.(decoded) ?? decoded);
    throw new CorruptDataError(
      `chunk (${position.join(", ")}) of ${node.path} in ${name} cannot be read: it ${decoded}`,
      { location: name, path: node.path },
    );
  };
  // Without shards nothing is read in parts.
  const getRange = (): never => {
    throw new TypeError("a chunk is read as a whole");
  };
  return openArray({ name, get, getRange }, plain);
}

/** Elements are looked at where they lie, which must be at a multiple of their size. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
}

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
