import type { ReadOptions } from "../bytes/byte-source.js";
import type { Deflate } from "../zarr/codec/deflate.js";
import { type CodecPlatform, codecPlatform } from "../zarr/codec/platform.js";
import { type ChunkTask, runChunkTask } from "./chunk-task.js";

export interface ChunkTaskOptions extends ReadOptions {
  /** Whether the bytes are not needed any more: a thread may take them away, where they are a whole buffer. */
  readonly isSpare?: boolean | undefined;
}

/** Where chunks are decoded and encoded: in this thread, or in a pool of others. */
export interface ChunkWork {
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
export function inlineWork(deflate?: Deflate): ChunkWork {
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
