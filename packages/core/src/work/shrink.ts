import { type DownsampleMethod, downsample, downsampledShape } from "../image/downsample.js";
import { bytesOfPixels, type PixelBlock, pixelsOfBytes } from "../image/pixel-values.js";
import type { ChunkTaskOptions, ChunkWork } from "./chunk-work.js";

/** Pixels that are made fewer; the bytes are those of a block, in the machine's order, and so is what comes of them. */
export interface ShrinkTask {
  readonly kind: "shrink";
  /** The typed array that they are in. */
  readonly pixels: string;
  readonly shape: readonly number[];
  readonly factors: readonly number[];
  readonly method: DownsampleMethod;
}

export function runShrinkTask({ pixels, shape, factors, method }: ShrinkTask, bytes: Uint8Array): Uint8Array {
  return bytesOfPixels(downsample({ data: pixelsOfBytes(pixels, bytes), shape }, factors, method).data);
}

/** Makes one pixel of each box of pixels of a block. */
export type Shrink = (block: PixelBlock, options?: ChunkTaskOptions) => Promise<PixelBlock>;

/** Bytes of a block that is not worth being sent to a thread. */
const SMALL = 65_536;

/** Makes blocks smaller where chunks are encoded: in threads, if there are some. */
export function createShrink(factors: readonly number[], method: DownsampleMethod, work: ChunkWork): Shrink {
  /** One for each shape, so that threads need to be told only once: most blocks are alike. */
  const tasks = new Map<string, ShrinkTask>();
  const taskOf = ({ data, shape }: PixelBlock): ShrinkTask => {
    const pixels = data[Symbol.toStringTag];
    const id = [pixels, ...shape].join();
    const task = tasks.get(id) ?? { kind: "shrink", pixels, shape, factors, method };
    tasks.set(id, task);
    return task;
  };
  return async (block, options) => {
    if (block.data.byteLength < SMALL) return downsample(block, factors, method);
    const task = taskOf(block);
    const bytes = await work.run(task, bytesOfPixels(block.data), options);
    if (typeof bytes === "string") throw new TypeError(`a block of pixels ${bytes}`);
    return { data: pixelsOfBytes(task.pixels, bytes), shape: downsampledShape(block.shape, factors) };
  };
}
