import type { AbsolutePath, ChunkWorkers, JsonObject, ReadOptions } from "@ozx/core";
import { type GeneratedEntry, readAhead } from "@ozx/core/container";
import {
  bytesOfPixels,
  type Codec,
  type CodingTask,
  countElements,
  formatChunkKey,
  gridShape,
  isFilledWith,
  joinKey,
  narrowFloats,
  type PixelBlock,
  type PositionSet,
} from "@ozx/core/internal";
import { type PlacedChunk, positionInGrid, shardAssembler, shardDocument } from "./assemble-shards.js";
import { padded } from "./cells.js";
import type { FeedChunk } from "./chunk-feed.js";

/** An array that is being written. */
interface OpenArray {
  readonly array: NewArray;
  /** Collects its encoded chunks. */
  readonly objects: StoredObjects;
  /** The pixels that its fill value stands for; 0 by default. */
  readonly fill?: number | bigint | undefined;
}

/**
 * Encodes chunks, several at once, and yields the entries that store them.
 *
 * @param arrays by the chunks' `level`; undefined for levels that are not written
 */
export async function* encodeEntries(
  chunks: AsyncIterable<FeedChunk>,
  arrays: readonly (OpenArray | undefined)[],
  workers: ChunkWorkers,
  options?: ReadOptions,
): AsyncGenerator<GeneratedEntry> {
  const encode = async ({ level, origin, block }: FeedChunk) => {
    const open = arrays[level] as OpenArray;
    const position = origin.map((at, axis) => at / (open.array.chunkShape[axis] ?? 1));
    return { objects: open.objects, position, bytes: await encodeChunk(block, open, workers, options) };
  };
  for await (const { objects, position, bytes } of readAhead(chunks, workers.atOnce, encode)) {
    options?.signal?.throwIfAborted();
    const entry = objects.add(position, bytes);
    if (entry !== undefined) yield entry;
  }
}

/**
 * Encodes a chunk: at the array's edge it is padded to the chunk shape with zeros, its elements are little-endian (as in
 * memory on all platforms), and it is compressed.
 *
 * @returns undefined for a chunk that has the fill value only, which is not stored
 */
async function encodeChunk(
  block: PixelBlock,
  { array, fill = 0 }: OpenArray,
  workers: ChunkWorkers,
  options?: ReadOptions,
): Promise<Uint8Array | undefined> {
  if (isFilledWith(block.data, fill)) return undefined;
  const { data } = padded(block, array.chunkShape);
  // Pixels of float16 are read as float32.
  const isHalf = array.dtype === "float16";
  const bytes = isHalf ? narrowFloats(bytesOfPixels(data)) : bytesOfPixels(data);
  // The pixels of the block itself are still needed for the next level.
  const isSpare = isHalf || data !== block.data;
  if (array.codecs.length === 0) return isSpare ? bytes : bytes.slice();
  const encoded = await workers.run(taskOf(array, bytes.length), bytes, { ...options, isSpare });
  if (typeof encoded === "string")
    throw new TypeError(`a chunk of ${array.path} cannot be encoded: it ${encoded}`);
  return encoded;
}

/** One task for all chunks of an array, so that it is sent to each thread only once. */
const tasks = new WeakMap<NewArray, CodingTask>();

function taskOf(array: NewArray, size: number): CodingTask {
  const known = tasks.get(array);
  if (known !== undefined) return known;
  const task = { kind: "recode", from: { kind: "bytes", codecs: [] }, to: array.codecs, size } as const;
  tasks.set(array, task);
  return task;
}

/** Turns the encoded chunks of one array into entries: one per chunk, or shards. */
interface StoredObjects {
  /**
   * Takes a chunk, and returns the entry that it completes.
   *
   * @param bytes undefined for a chunk that is not stored
   */
  add(position: readonly number[], bytes: Uint8Array | undefined): GeneratedEntry | undefined;
  /** Yields the incomplete shards. */
  flush(): Generator<GeneratedEntry>;
}

const CHUNK_KEY = { prefix: "c", separator: "/" } as const;

/**
 * Collects the encoded chunks of an array, which then holds incomplete shards in memory.
 *
 * @param expected the positions of the chunks that are going to be added; all are by default
 */
export function createStoredObjects(array: NewArray, expected?: Pick<PositionSet, "within">): StoredObjects {
  const { path, shape, chunkShape, shardShape } = array;
  if (shardShape === undefined) {
    return {
      add: (position, bytes) => bytes && { key: joinKey(path, formatChunkKey(position, CHUNK_KEY)), bytes },
      *flush() {},
    };
  }
  const open = new Map<string, { missing: number; readonly chunks: PlacedChunk<Uint8Array>[] }>();
  const perShard = gridShape(shardShape, chunkShape);
  const chunkGrid = gridShape(shape, chunkShape);
  const chunksIn = (shard: readonly number[]): number => {
    const first = shard.map((index, axis) => index * (perShard[axis] ?? 1));
    const stop = first.map((at, axis) => Math.min(at + (perShard[axis] ?? 1), chunkGrid[axis] ?? 1));
    if (expected === undefined) return countElements(stop.map((at, axis) => at - (first[axis] ?? 0)));
    let count = 0;
    for (const _ of expected.within(first, stop)) count++;
    return count;
  };
  const close = (chunks: readonly PlacedChunk<Uint8Array>[]): GeneratedEntry | undefined => {
    const assembler = shardAssembler<Uint8Array>(array, shardShape);
    for (const chunk of chunks) assembler.add(chunk);
    const [shard] = assembler.shards();
    if (shard === undefined) return undefined;
    const pieces = [...shard.chunks.map(({ key }) => key), shard.index];
    return { key: joinKey(path, shard.key), bytes: inOrder(pieces) };
  };
  return {
    add(position, bytes) {
      const shard = positionInGrid(position, perShard);
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

/** A new Zarr v3 array. */
export interface NewArray {
  readonly path: AbsolutePath;
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  /** A multiple of the chunk shape; undefined if each chunk is an entry. */
  readonly shardShape: readonly number[] | undefined;
  /** By its Zarr v3 name. */
  readonly dtype: string;
  /** The compression: the codecs after `bytes`. */
  readonly codecs: readonly Codec[];
  readonly dimensionNames: readonly string[];
  /** As in its metadata; 0 by default. */
  readonly fillValue?: unknown;
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
    fill_value: array.fillValue ?? (array.dtype === "bool" ? false : 0),
    codecs: [{ name: "bytes", configuration: { endian: "little" } }, ...array.codecs],
    dimension_names: array.dimensionNames,
    attributes: {},
  };
  return array.shardShape === undefined ? document : shardDocument(document, array, array.shardShape);
}
