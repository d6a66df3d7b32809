import type { ReadOptions } from "../bytes/byte-source.js";
import { emptyLike, type PixelBlock } from "../image/pixel-values.js";
import type { ChunkTask } from "../zarr/codec/chunk-task.js";
import type { ChunkWork } from "../zarr/codec/chunk-work.js";
import { positionsOf } from "../zarr/positions.js";
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
  work: ChunkWork,
  options?: ReadOptions,
): Promise<Uint8Array | undefined> {
  const { data } = padded(block, array.chunkShape);
  const own = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (own.every((byte) => byte === 0)) return undefined;
  // A worker takes the bytes away, and pixels are still needed for the next level.
  const bytes = data === block.data ? own.slice() : own;
  if (array.codecs.length === 0) return bytes;
  const encoded = await work.run(taskOf(array, bytes.length), bytes, options);
  if (typeof encoded === "string") throw new TypeError(`a chunk that was made here ${encoded}`);
  return encoded;
}

/** One for all chunks of an array, so that threads need to be told only once. */
const tasks = new WeakMap<NewArray, ChunkTask>();

function taskOf(array: NewArray, size: number): ChunkTask {
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
