import { type CodingTask, runCodingTask } from "../zarr/codec/coding-task.js";
import type { CodecPlatform } from "../zarr/codec/platform.js";
import { runShrinkTask, type ShrinkTask } from "./shrink.js";

/** What is done to a chunk, or to a block of pixels, in data that another thread can be sent. */
export type ChunkTask = CodingTask | ShrinkTask;

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
  return task.kind === "shrink" ? runShrinkTask(task, bytes) : runCodingTask(task, bytes, platform);
}
