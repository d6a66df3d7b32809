import type { ReadOptions } from "../bytes/source-and-sink.js";
import { type DownsampleMethod, downsample, downsampledShape } from "../image/downsample.js";
import { bytesOfPixels, type PixelBlock, pixelsOfBytes } from "../image/pixel-values.js";
import { type CodecPlatform, codecPlatform, type Deflate } from "../zarr/codec/codec.js";
import { type CodingTask, runCodingTask } from "../zarr/codec/coding-task.js";

export interface ChunkTaskOptions extends ReadOptions {
  /** Whether the bytes are not needed any more: a thread may take them away, where they are a whole buffer. */
  readonly isSpare?: boolean | undefined;
}

/** Where chunks are decoded and encoded: in this thread, or in a pool of others. */
export interface ChunkWorkers {
  /** How many chunks are worth being under way at once. */
  readonly atOnce: number;
  /**
   * Carries a task out on a chunk, whose bytes stay as they are if they are not spare.
   *
   * @returns the new bytes, or what is wrong with the chunk as the end of a sentence about it
   */
  run(task: ChunkTask, bytes: Uint8Array, options?: ChunkTaskOptions): Promise<Uint8Array | string>;
  /** Ends the threads, where there are some; what they have not done yet fails. */
  close(): Promise<void>;
}

/**
 * Work in this thread.
 *
 * @param deflate what gzip and zlib are done with; the platform's streams by default
 */
export function inlineWorkers(deflate?: Deflate): ChunkWorkers {
  let platform: Promise<CodecPlatform> | undefined;
  return {
    atOnce: 4,
    async run(task, bytes, options) {
      options?.signal?.throwIfAborted();
      platform ??= codecPlatform(deflate);
      return runChunkTask(task, bytes, await platform);
    },
    async close() {},
  };
}

/** What is done to a chunk, or to a block of pixels, in data that another thread can be sent. */
export type ChunkTask = CodingTask | DownsampleTask;

/**
 * Carries a task out on one chunk.
 *
 * @returns the chunk's new bytes, or what is wrong with the old ones as the end of a sentence about it
 */
export async function runChunkTask(
  task: ChunkTask,
  bytes: Uint8Array,
  platform: CodecPlatform,
): Promise<Uint8Array | string> {
  return task.kind === "downsample" ? runDownsampleTask(task, bytes) : runCodingTask(task, bytes, platform);
}

/** Pixels that are made fewer; the bytes are those of a block, in the machine's order, and so is what comes of them. */
export interface DownsampleTask {
  readonly kind: "downsample";
  /** The typed array that they are in. */
  readonly pixels: string;
  readonly shape: readonly number[];
  readonly factors: readonly number[];
  readonly method: DownsampleMethod;
}

export function runDownsampleTask(
  { pixels, shape, factors, method }: DownsampleTask,
  bytes: Uint8Array,
): Uint8Array {
  return bytesOfPixels(downsample({ data: pixelsOfBytes(pixels, bytes), shape }, factors, method).data);
}

/** Makes one pixel of each box of pixels of a block. */
export type Downsampler = (block: PixelBlock, options?: ChunkTaskOptions) => Promise<PixelBlock>;

/** Bytes of a block that is not worth being sent to a thread. */
const SMALL_BLOCK = 65_536;

/** Makes blocks smaller where chunks are encoded: in threads, if there are some. */
export function createDownsampler(
  factors: readonly number[],
  method: DownsampleMethod,
  work: ChunkWorkers,
): Downsampler {
  /** One for each shape, so that threads need to be told only once: most blocks are alike. */
  const tasks = new Map<string, DownsampleTask>();
  const taskOf = ({ data, shape }: PixelBlock): DownsampleTask => {
    const pixels = data[Symbol.toStringTag];
    const id = [pixels, ...shape].join();
    const task = tasks.get(id) ?? { kind: "downsample", pixels, shape, factors, method };
    tasks.set(id, task);
    return task;
  };
  return async (block, options) => {
    if (block.data.byteLength < SMALL_BLOCK) return downsample(block, factors, method);
    const task = taskOf(block);
    const bytes = await work.run(task, bytesOfPixels(block.data), options);
    if (typeof bytes === "string") throw new TypeError(`a block of pixels ${bytes}`);
    return { data: pixelsOfBytes(task.pixels, bytes), shape: downsampledShape(block.shape, factors) };
  };
}
