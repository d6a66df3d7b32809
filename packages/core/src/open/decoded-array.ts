import type { FilePart, FixedRange } from "../bytes/file-part.js";
import type { ReadOptions } from "../bytes/source-and-sink.js";
import { CorruptDataError } from "../errors.js";
import type { AbsolutePath, Store } from "../store/store.js";
import { joinKey, nameBelow } from "../store/store-keys.js";
import type { ChunkWorkers } from "../workers/chunk-tasks.js";
import { encodedBound } from "../zarr/codec/encoded-bound.js";
import { extentAt, type ShardIndex } from "../zarr/shard/shard-index.js";
import { createShardIndexCache, damagedShard } from "../zarr/shard/shard-index-cache.js";
import { numberInShard, positionInShard, type ShardLayout, shardLayout } from "../zarr/shard/shard-layout.js";
import { type ArrayNode, formatChunkKey, parseChunkKey } from "../zarr/zarr-node.js";
import type { DecodedChunks, ElementParts } from "./chunk-coding.js";
import { openArray } from "./open-array.js";
import type { PixelArray } from "./open-node.js";

/**
 * An array whose chunks are decompressed by workers; zarrita converts the bytes to elements.
 *
 * @param chunks reads the array's chunks as they are stored
 * @param plain the decoded chunks, or the parts of their elements
 * @throws CorruptDataError from the array, when a chunk cannot be decoded
 */
export function openDecodedArray(
  { store, node }: { readonly store: Store; readonly node: ArrayNode },
  chunks: StoredChunks,
  { task, node: plain, widen, missing }: DecodedChunks & Partial<ElementParts>,
  workers: ChunkWorkers,
): Promise<PixelArray> {
  const { name } = store;
  const get = async (key: AbsolutePath, options?: ReadOptions): Promise<Uint8Array | undefined> => {
    // The dimension of the parts of elements, if any, has one chunk.
    const position = parseChunkKey(nameBelow(node.path, key), plain.array)?.slice(0, node.array.shape.length);
    const bytes = position && (await chunks.get(position, options));
    if (position === undefined || bytes === undefined) return position && missing?.();
    const decoded = task === undefined ? bytes : await workers.run(task, bytes, options);
    if (typeof decoded !== "string") return aligned(widen?.(decoded) ?? decoded);
    throw new CorruptDataError(
      `chunk (${position.join(", ")}) of ${node.path} in ${name} cannot be read: it ${decoded}`,
      { location: name, path: node.path },
    );
  };
  // zarrita reads ranges only of shards.
  const getRange = (): never => {
    throw new TypeError("chunks are not read in ranges");
  };
  return openArray({ name, get, getRange }, plain);
}

/** Bytes at a position where typed arrays of all types can start, as a multiple of their size. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
}

/** The chunks of an array as they are stored. */
export interface StoredChunks {
  /** The encoded bytes of the chunk at a position; undefined where it is missing and so has the fill value. */
  get(position: readonly number[], options?: ReadOptions): Promise<Uint8Array | undefined>;
  /** Where the encoded bytes of a chunk lie in a file; undefined where only `get` can tell. */
  locate?(position: readonly number[], options?: ReadOptions): Promise<FilePart | undefined>;
  /** The most bytes that an encoded chunk can have. */
  readonly atMost: number;
  /**
   * The positions of the chunks in a stored object: of those that the index of a shard lists, or of the object itself
   * where it is a chunk.
   *
   * @param object its position among the shards or chunks; none need be stored there
   */
  within(object: readonly number[], options?: ReadOptions): Promise<Iterable<readonly number[]>>;
}

/** Reads chunks of an array, sharded or not; undefined where the sharding is not supported. */
export function storedChunks(store: Store, node: ArrayNode): StoredChunks | undefined {
  const { path, array } = node;
  const keyOf = (position: readonly number[]): AbsolutePath =>
    joinKey(path, formatChunkKey(position, array.chunkKey));
  const atMost = encodedBound(array);
  const locate = store.locate?.bind(store);
  if (array.shardShape === undefined) {
    return {
      atMost,
      get: (position, options) => store.get(keyOf(position), { ...options, atMost }),
      ...(locate && { locate: async (position) => locate(keyOf(position)) }),
      within: async (object) => [object],
    };
  }
  const layout = shardLayout(node);
  if (layout === undefined || typeof layout === "string") return undefined;
  return { atMost, ...chunksInShards(store, layout, keyOf) };
}

function chunksInShards(
  store: Store,
  layout: ShardLayout,
  keyOf: (position: readonly number[]) => AbsolutePath,
): Omit<StoredChunks, "atMost"> {
  const { grid } = layout;
  const indexOf = createShardIndexCache(store, layout);
  const find = async (
    position: readonly number[],
    options?: ReadOptions,
  ): Promise<{ readonly key: AbsolutePath; readonly place: FixedRange } | undefined> => {
    const key = keyOf(position.map((at, axis) => Math.floor(at / (grid[axis] as number))));
    const index = await indexOf({ key }, options);
    const place = index && extentAt(index, numberInShard(position, layout));
    return place && { key, place };
  };
  const locate = store.locate?.bind(store);
  return {
    async get(position, options) {
      const found = await find(position, options);
      if (found === undefined) return undefined;
      const { key, place } = found;
      const { offset, length } = place;
      const isWithin = Number.isSafeInteger(offset + length);
      const bytes = isWithin ? await store.getRange(key, { offset, length }, options) : undefined;
      if (bytes?.length === length) return bytes;
      throw damagedShard(store, key, "a chunk ends beyond it");
    },
    ...(locate && {
      async locate(position, options) {
        const found = await find(position, options);
        return found && locate(found.key, found.place);
      },
    }),
    async within(object, options) {
      const index = await indexOf({ key: keyOf(object) }, options);
      return index === undefined ? [] : chunksListed(index, object, layout);
    },
  };
}

/** The positions in the array of the chunks that the index of a shard lists. */
function* chunksListed(
  index: ShardIndex,
  shard: readonly number[],
  layout: ShardLayout,
): Generator<readonly number[]> {
  for (let chunk = 0; chunk * 2 < index.length; chunk++) {
    if (extentAt(index, chunk) === undefined) continue;
    const within = positionInShard(chunk, layout);
    yield within.map((at, axis) => at + (shard[axis] as number) * (layout.grid[axis] as number));
  }
}
