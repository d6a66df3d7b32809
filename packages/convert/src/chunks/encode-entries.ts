import type { AbsolutePath, ChunkWorkers, JsonObject, ReadOptions } from "@ozx/core";
import { type GeneratedEntry, readAhead } from "@ozx/core/container";
import type { PixelBlock } from "@ozx/core/internal";
import {
  bytesOfPixels,
  type Codec,
  type CodingTask,
  emptyLike,
  formatChunkKey,
  joinKey,
  positionsOf,
  stringifyJson,
} from "@ozx/core/internal";
import { assembleShards, type PlacedChunk, shardDocument } from "./assemble-shards.js";
import type { FeedChunk } from "./chunk-feed.js";

/** A level that is written, with what of it is not stored yet. */
export interface OpenArray {
  readonly array: NewArray;
  readonly objects: StoredObjects;
}

/**
 * Encodes chunks, some at once, and gives the entries that they are stored in.
 *
 * @param arrays by the chunks' `level`; undefined for levels that are not written
 */
export async function* encodeEntries(
  chunks: AsyncIterable<FeedChunk>,
  arrays: readonly (OpenArray | undefined)[],
  work: ChunkWorkers,
  options?: ReadOptions,
): AsyncGenerator<GeneratedEntry> {
  const encode = async ({ level, origin, block }: FeedChunk) => {
    const open = arrays[level] as OpenArray;
    const position = origin.map((at, axis) => at / (open.array.chunkShape[axis] ?? 1));
    return { objects: open.objects, position, bytes: await encodeChunk(block, open.array, work, options) };
  };
  for await (const { objects, position, bytes } of readAhead(chunks, work.atOnce, encode)) {
    options?.signal?.throwIfAborted();
    const entry = objects.add(position, bytes);
    if (entry !== undefined) yield entry;
  }
}

/**
 * A chunk as it is stored: filled up to the chunk's shape with zeros where it lies over the array's edge, its
 * elements little-endian as in all memories today, compressed.
 *
 * @returns undefined for a chunk of nothing but zeros, which is not stored
 */
export async function encodeChunk(
  block: PixelBlock,
  array: NewArray,
  work: ChunkWorkers,
  options?: ReadOptions,
): Promise<Uint8Array | undefined> {
  const { data } = padded(block, array.chunkShape);
  const own = bytesOfPixels(data);
  if (own.every((byte) => byte === 0)) return undefined;
  // The pixels of the block itself are still needed for the next level.
  const isSpare = data !== block.data;
  if (array.codecs.length === 0) return isSpare ? own : own.slice();
  const encoded = await work.run(taskOf(array, own.length), own, { ...options, isSpare });
  if (typeof encoded === "string") throw new TypeError(`a chunk that was made here ${encoded}`);
  return encoded;
}

/** One for all chunks of an array, so that threads need to be told only once. */
const tasks = new WeakMap<NewArray, CodingTask>();

function taskOf(array: NewArray, size: number): CodingTask {
  const known = tasks.get(array);
  if (known !== undefined) return known;
  const task = { kind: "recode", from: { kind: "bytes", codecs: [] }, to: array.codecs, size } as const;
  tasks.set(array, task);
  return task;
}

function padded(block: PixelBlock, chunkShape: readonly number[]): PixelBlock {
  const { data, shape } = block;
  if (shape.every((extent, axis) => extent === chunkShape[axis])) return block;
  const whole = emptyLike(
    data,
    chunkShape.reduce((product, extent) => product * extent, 1),
  );
  const row = shape.at(-1) ?? 1;
  let from = 0;
  for (const position of positionsOf(shape.slice(0, -1))) {
    const at = position.reduce((sum, index, axis) => sum * (chunkShape[axis] ?? 1) + index, 0);
    (whole as Uint8Array).set((data as Uint8Array).subarray(from, from + row), at * (chunkShape.at(-1) ?? 1));
    from += row;
  }
  return { data: whole, shape: chunkShape };
}

/** Encoded chunks of one array as the entries that they are stored in: each its own, or in shards. */
export interface StoredObjects {
  /** Takes a chunk, undefined where it is not stored, and gives what is complete with it. */
  add(position: readonly number[], bytes: Uint8Array | undefined): GeneratedEntry | undefined;
  /** Shards of which some chunks never came. */
  flush(): Generator<GeneratedEntry>;
}

const CHUNK_KEY = { prefix: "c", separator: "/" } as const;

export function createStoredObjects(array: NewArray): StoredObjects {
  const { path, shape, chunkShape, shardShape } = array;
  if (shardShape === undefined) {
    return {
      add: (position, bytes) => bytes && { key: joinKey(path, formatChunkKey(position, CHUNK_KEY)), bytes },
      *flush() {},
    };
  }
  const open = new Map<string, { missing: number; readonly chunks: PlacedChunk<Uint8Array>[] }>();
  const perShard = shardShape.map((extent, axis) => extent / (chunkShape[axis] ?? 1));
  const chunksIn = (shard: readonly number[]): number =>
    shard.reduce((product, index, axis) => {
      const grid = Math.ceil((shape[axis] ?? 0) / (chunkShape[axis] ?? 1));
      return product * Math.min(perShard[axis] ?? 1, grid - index * (perShard[axis] ?? 1));
    }, 1);
  const close = (chunks: readonly PlacedChunk<Uint8Array>[]): GeneratedEntry | undefined => {
    const [shard] = assembleShards(chunks, array, shardShape);
    if (shard === undefined) return undefined;
    const pieces = [...shard.chunks.map(({ key }) => key), shard.index];
    return { key: joinKey(path, shard.key), bytes: inOrder(pieces) };
  };
  return {
    add(position, bytes) {
      const shard = position.map((index, axis) => Math.floor(index / (perShard[axis] ?? 1)));
      const id = shard.join("/");
      const members = open.get(id) ?? { missing: chunksIn(shard), chunks: [] };
      open.set(id, members);
      if (bytes !== undefined) members.chunks.push({ position, size: bytes.length, key: bytes });
      members.missing--;
      if (members.missing > 0) return undefined;
      open.delete(id);
      return close(members.chunks);
    },
    *flush() {
      for (const [id, { chunks }] of open) {
        open.delete(id);
        const entry = close(chunks);
        if (entry !== undefined) yield entry;
      }
    },
  };
}

async function* inOrder(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

/** An array of Zarr v3 that is to be written. What is not written in it is 0. */
export interface NewArray {
  readonly path: AbsolutePath;
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  /** Whole chunks; undefined where each chunk is an entry. */
  readonly shardShape: readonly number[] | undefined;
  /** By its Zarr v3 name. */
  readonly dtype: string;
  /** What chunks are compressed with, behind the codec `bytes`. */
  readonly codecs: readonly Codec[];
  readonly dimensionNames: readonly string[];
}

/** The `zarr.json` of an array. */
export function newArrayDocument(array: NewArray): JsonObject {
  const document = {
    zarr_format: 3,
    node_type: "array",
    shape: array.shape,
    data_type: array.dtype,
    chunk_grid: { name: "regular", configuration: { chunk_shape: array.chunkShape } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: array.dtype === "bool" ? false : 0,
    codecs: [{ name: "bytes", configuration: { endian: "little" } }, ...array.codecs],
    dimension_names: array.dimensionNames,
    attributes: {},
  };
  return array.shardShape === undefined ? document : shardDocument(document, array, array.shardShape);
}

/** The entry of a node's `zarr.json`. */
export function documentEntry(
  path: AbsolutePath,
  document: JsonObject,
): GeneratedEntry & { readonly bytes: Uint8Array } {
  return { key: joinKey(path, "zarr.json"), bytes: stringifyJson(document) };
}

/** How many chunks, or shards, an array has. */
export function countObjects({ shape, chunkShape, shardShape = chunkShape }: NewArray): number {
  return shape.reduce((product, extent, axis) => product * Math.ceil(extent / (shardShape[axis] ?? 1)), 1);
}
