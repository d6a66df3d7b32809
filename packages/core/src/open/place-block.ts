import { createThrottle, shareByKey } from "../bytes/concurrency.js";
import type { ReadOptions } from "../bytes/source-and-sink.js";
import { countElements, positionsIn } from "../image/grid-order.js";
import { type ChunkTask, type ChunkWorkers, inlineWorkers } from "../workers/chunk-tasks.js";
import type { FileChunk } from "../workers/file-chunks.js";
import { nameChunk, type PlacedChunk, type PlaceTarget, type PlaceTask } from "../workers/place-chunks.js";
import type { StoredChunks } from "./decoded-array.js";

/** A block of an array, in elements. */
type BlockArea = Pick<PlaceTarget, "first" | "shape">;

/** Options of reading a block. */
export interface BlockOptions extends ReadOptions {
  /** Makes memory for a block of so many bytes, in which there may be anything. Not called where none is needed. */
  readonly allocate?: ((bytes: number) => ArrayBufferLike) | undefined;
}

/** Reads a block's chunks and decodes them into new memory, or that of the caller, in C order. */
export type Placer = (block: BlockArea, options?: BlockOptions) => Promise<Uint8Array>;

/** Chunks that are read at once: enough to keep a disk, or a distant server, busy. */
const CHUNKS_AT_ONCE = 16;
/** Bytes of decoded chunks that may wait for their turn, unless they are so large that few are read at once. */
const READ_AHEAD = 64 * 1024 * 1024;
const LEAST_AT_ONCE = 2;
/** Small chunks are sent to a thread so many decoded bytes at a time, since a message costs as much as decoding them. */
const BATCH_BYTES = 512 * 1024;
/** Threads that read for themselves are sent up to so many decoded bytes, if each gets some batches. */
const READ_BATCH_BYTES = 8 * 1024 * 1024;
const BATCHES_EACH = 4;
const MOST_IN_BATCH = 64;
/** So few chunks are not worth a thread. */
const FEW_CHUNKS = 4;

/** The array whose blocks are read. */
interface PlacedArray {
  readonly shape: readonly number[];
  /** Reads its chunks as they are stored. */
  readonly chunks: StoredChunks;
  readonly task: PlaceTask;
}

/** @param workers by default, this thread decodes */
export function createPlacer(
  { shape: arrayShape, chunks, task }: PlacedArray,
  workers: ChunkWorkers = inlineWorkers(),
): Placer {
  const here = workers.here ?? inlineWorkers();
  const { chunkShape, itemSize } = task;
  const chunkBytes = countElements(chunkShape) * itemSize;
  const isZero = task.fill.every((byte) => byte === 0);
  const decoding: ChunkTask = { kind: "decode", codecs: task.codecs, size: chunkBytes };
  const decodedTask: PlaceTask = { ...task, codecs: [] };
  const share = shareByKey<string, Uint8Array | undefined>();

  /** A chunk's bytes, for all who want some of it at the same time: they must not write to them. */
  const sharedChunk = (
    position: readonly number[],
    used: ChunkWorkers,
    options?: ReadOptions,
  ): Promise<Uint8Array | undefined> =>
    share(position.join(), (shared) => decodedChunk(position, used, shared), options);

  const decodedChunk = async (
    position: readonly number[],
    used: ChunkWorkers,
    options?: ReadOptions,
  ): Promise<Uint8Array | undefined> => {
    const bytes = await chunks.get(position, options);
    if (bytes === undefined) return undefined;
    try {
      const { codecs } = task;
      // Without codecs it is checked here that their number is right.
      const decoded = await (codecs.length === 0 ? here : used).run(decoding, bytes, {
        ...options,
        isSpare: true,
      });
      if (typeof decoded !== "string") return decoded;
      throw new TypeError(decoded);
    } catch (error) {
      options?.signal?.throwIfAborted();
      throw nameChunk(error, task, position);
    }
  };

  return async (block, { allocate, ...options } = {}) => {
    const { signal } = options;
    const { first, stop } = chunksOf(block, chunkShape);
    const count = countElements(stop.map((end, axis) => end - (first[axis] ?? 0)));
    const { leastBytes = 0 } = workers;
    const isSmall = leastBytes > 0 && (count < FEW_CHUNKS || count * chunkBytes < leastBytes);
    const used = isSmall ? here : workers;
    const locate = used.placeFiles && chunks.locate?.bind(chunks);
    // Without codecs, what is read is the chunk.
    const isDecodedAlone = locate === undefined || task.codecs.length === 0;
    // Threads can only share what is in memory of the caller's.
    const isShared = allocate !== undefined && used.sharesMemory;
    if (
      count === 1 &&
      isDecodedAlone &&
      !isShared &&
      task.order === undefined &&
      !task.isSwapped &&
      isChunk(block, first, chunkShape)
    ) {
      const decoded = await decodedChunk(first, used, options);
      if (decoded !== undefined)
        return decoded.byteOffset % itemSize === 0 ? decoded : new Uint8Array(decoded);
    }
    const bytes = countElements(block.shape) * itemSize;
    const given = allocate?.(bytes);
    const buffer = given ?? (used.sharesMemory ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
    const target: PlaceTarget = { ...block, buffer };
    const perBatch = batchLength(count, chunkBytes, locate === undefined ? used.sharesMemory : used);
    const throttle = createThrottle();
    const placeIn = async (batch: readonly (readonly number[])[]): Promise<void> => {
      const placed: PlacedChunk[] = [];
      const inFiles: FileChunk[] = [];
      const read = async (position: readonly number[], isLocated = locate !== undefined): Promise<void> => {
        const isCommon =
          isSmallPart(block, position, { shape: arrayShape, chunkShape }) || used.place === undefined;
        const part = isCommon || !isLocated ? undefined : await locate?.(position, options);
        if (part !== undefined) {
          inFiles.push({ position, part });
          return;
        }
        const bytes = isCommon
          ? await sharedChunk(position, used, options)
          : await chunks.get(position, options);
        // New memory is zero.
        if (bytes === undefined && isZero && given === undefined) return;
        if (isCommon || bytes === undefined) {
          await here.place?.(decodedTask, [{ position, bytes }], target, options);
        } else placed.push({ position, bytes });
      };
      await Promise.all(batch.map((position) => read(position)));
      if (inFiles.length > 0) {
        const files = { chunks: inFiles, atMost: chunks.atMost };
        const left = (await used.placeFiles?.(task, files, target, options)) ?? inFiles.keys();
        const others = Array.from(left, (index) => inFiles[index]?.position ?? []);
        await Promise.all(others.map((position) => read(position, false)));
      }
      if (placed.length > 0) await used.place?.(task, placed, target, options);
      await throttle();
    };
    const lanes = Math.min(
      Math.ceil(count / perBatch),
      Math.max(1, Math.floor(CHUNKS_AT_ONCE / perBatch), used.atOnce),
      Math.max(LEAST_AT_ONCE, Math.floor(READ_AHEAD / (chunkBytes * perBatch))),
    );
    await runLanes(batches(positionsIn(first, stop), perBatch), lanes, async (batch) => {
      signal?.throwIfAborted();
      await placeIn(batch);
    });
    return new Uint8Array(buffer);
  };
}

/**
 * How many chunks are sent to a thread at a time: small ones together, and more where the thread reads them for itself,
 * as long as all threads get enough.
 *
 * @param used the workers, where they read; otherwise whether they share memory with this thread
 */
function batchLength(
  count: number,
  chunkBytes: number,
  used: Pick<ChunkWorkers, "atOnce"> | boolean | undefined,
): number {
  if (used === undefined || used === false) return 1;
  const few = Math.min(MOST_IN_BATCH, Math.max(1, Math.floor(BATCH_BYTES / chunkBytes)));
  if (used === true) return few;
  const most = Math.min(MOST_IN_BATCH, Math.floor(READ_BATCH_BYTES / chunkBytes));
  return Math.max(few, Math.min(most, Math.floor(count / (used.atOnce * BATCHES_EACH))));
}

/** The chunks of which a block has some elements. */
function chunksOf(
  { first, shape }: BlockArea,
  chunkShape: readonly number[],
): { readonly first: number[]; readonly stop: number[] } {
  const extent = (axis: number): number => chunkShape[axis] ?? 1;
  return {
    first: first.map((at, axis) => Math.floor(at / extent(axis))),
    stop: first.map((at, axis) => Math.ceil((at + (shape[axis] ?? 1)) / extent(axis))),
  };
}

/** Whether a block is one chunk. */
function isChunk(
  { first, shape }: BlockArea,
  position: readonly number[],
  chunkShape: readonly number[],
): boolean {
  return chunkShape.every(
    (extent, axis) => shape[axis] === extent && first[axis] === (position[axis] ?? 0) * extent,
  );
}

/**
 * Whether a block has at most half of a chunk, as far as it lies in the array: others may want another part of it at the same time, as of several channels,
 * and it is decoded once for them.
 */
function isSmallPart(
  { first, shape }: BlockArea,
  position: readonly number[],
  array: { readonly shape: readonly number[]; readonly chunkShape: readonly number[] },
): boolean {
  let part = 1;
  for (const [axis, extent] of array.chunkShape.entries()) {
    const [begin, origin] = [(position[axis] ?? 0) * extent, first[axis] ?? 0];
    const end = Math.min(begin + extent, array.shape[axis] ?? 0);
    part *= (Math.min(end, origin + (shape[axis] ?? 1)) - Math.max(begin, origin)) / (end - begin);
  }
  return part <= 0.5;
}

function* batches<Item>(items: Iterable<Item>, size: number): Generator<Item[]> {
  let batch: Item[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Works through items, several at once, and starts no more after one has failed. */
async function runLanes<Item>(
  items: Iterator<Item>,
  lanes: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  let failed = false;
  const lane = async (): Promise<void> => {
    try {
      for (let next = items.next(); !failed && !next.done; next = items.next()) await work(next.value);
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
