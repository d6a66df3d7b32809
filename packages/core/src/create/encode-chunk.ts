import type { ReadOptions } from "../bytes/source-and-sink.js";
import { positionsOf } from "../image/grid-order.js";
import { bytesOfPixels, emptyLike, type PixelBlock } from "../image/pixel-values.js";
import type { ChunkWorkers } from "../workers/chunk-tasks.js";
import type { CodingTask } from "../zarr/codec/coding-task.js";
import type { NewArray } from "./new-array.js";

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
