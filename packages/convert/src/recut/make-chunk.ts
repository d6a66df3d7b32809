import type { PixelValues, ReadOptions } from "@ozx/core";
import { readAhead } from "@ozx/core/container";
import {
  bytesOfPixels,
  cellsOver,
  countElements,
  createProjection,
  isFilledWith,
  narrowFloats,
  type PixelBlock,
  pixelsOfType,
} from "@ozx/core/internal";
import { type Box, boxOf, copyPart, intersection, padded } from "../chunks/cells.js";
import type { SourceBlocks } from "./block-cache.js";
import { type Recut, sourceBoxOf } from "./recut-array.js";
import { rescalePixels } from "./rescale-pixels.js";

/** Makes the chunks of an array from the blocks of another one. */
export interface ChunkMaker {
  /**
   * The bytes of a chunk, not compressed, with little-endian elements; undefined where all pixels have the fill value,
   * as a chunk that is not stored.
   */
  make(position: readonly number[], options?: MakeOptions): Promise<Uint8Array | undefined>;
}

interface MakeOptions extends ReadOptions {
  /** Makes memory for a chunk, in which there may be anything. Not called where other memory is needed anyway. */
  readonly allocate?: ((bytes: number) => ArrayBufferLike) | undefined;
}

/** Blocks that are decoded at once for a chunk. */
export const BLOCKS_AT_ONCE = 4;

/** Whether the pixels of chunks are those of the source. */
export function isAsTaken({ project, rescale, dtype }: Recut): boolean {
  // float16 is float32 in memory.
  return project === undefined && rescale === undefined && dtype !== "float16";
}

/** @param fill the fill value of the new array, as a pixel */
export function createChunkMaker(recut: Recut, blocks: SourceBlocks, fill: number | bigint): ChunkMaker {
  const { node, extent, shape, chunkShape, dtype, project, rescale } = recut;

  /** The pixels of a box of the source, in C order. */
  const assemble = async (box: Box, options?: MakeOptions): Promise<PixelBlock> => {
    const extents = box.start.map((at, axis) => (box.stop[axis] ?? at) - at);
    const data = emptyPixels(node.array.dtype, countElements(extents), options?.allocate);
    const target = { origin: box.start, block: { data, shape: extents } };
    const signal = options?.signal;
    const copy = async (position: readonly number[]): Promise<void> => {
      const { release, ...placed } = await blocks.get(position, { signal });
      const stop = placed.origin.map((at, axis) => at + (placed.block.shape[axis] ?? 1));
      const part = intersection({ start: placed.origin, stop }, box);
      if (part !== undefined) copyPart(placed, target, part);
      release();
    };
    for await (const _ of readAhead(cellsOver(box, blocks.shape), BLOCKS_AT_ONCE, copy)) {
      signal?.throwIfAborted();
    }
    return target.block;
  };

  /** The pixels of a box with its projected axes, which are read slab by slab. */
  const assembleProjected = async (
    box: Box,
    { axes, method }: NonNullable<Recut["project"]>,
    options?: ReadOptions,
  ): Promise<PixelBlock> => {
    const count = axes.reduce((product, axis) => product * (extent[axis] ?? 1), 1);
    const result = box.start.map((at, axis) => (axes.includes(axis) ? 1 : (box.stop[axis] ?? at) - at));
    const projection = createProjection(node.array.dtype, { shape: result, axes, method, count });
    for (const part of slabsOf(box, blocks.shape, axes)) projection.add(await assemble(part, options));
    return projection.result();
  };

  return {
    async make(position, { signal, allocate } = {}) {
      signal?.throwIfAborted();
      const cell = boxOf(position, chunkShape, shape);
      const box = sourceBoxOf(recut, cell);
      const taken = await (project === undefined
        ? assemble(box, {
            signal,
            allocate: isAsTaken(recut) && !isCut(cell, chunkShape) ? allocate : undefined,
          })
        : assembleProjected(box, project, { signal }));
      const channel = rescale?.channelAxis === undefined ? 0 : (cell.start[rescale.channelAxis] ?? 0);
      const block = rescale === undefined ? taken : rescalePixels(taken, rescale, channel);
      if (isFilledWith(block.data, fill)) return undefined;
      const { data } = padded(block, chunkShape, fill);
      // float16 is float32 in memory.
      return dtype === "float16" ? narrowFloats(bytesOfPixels(data)) : bytesOfPixels(data);
    },
  };
}

/** Whether a cell is smaller than the others, at the edge of the array. */
function isCut({ start, stop }: Box, chunkShape: readonly number[]): boolean {
  return chunkShape.some((extent, axis) => (stop[axis] ?? 0) - (start[axis] ?? 0) !== extent);
}

/** Parts of a box that have all of it but along some axes, where they are as long as a block and begin as one does. */
function* slabsOf(box: Box, slab: readonly number[], axes: readonly number[]): Generator<Box> {
  const along = (axis: number): [number, number][] => {
    const [from, to] = [box.start[axis] ?? 0, box.stop[axis] ?? 0];
    if (!axes.includes(axis)) return [[from, to]];
    const step = slab[axis] ?? 1;
    const parts: [number, number][] = [];
    for (let at = from; at < to; ) {
      const end = Math.min(to, (Math.floor(at / step) + 1) * step);
      parts.push([at, end]);
      at = end;
    }
    return parts;
  };
  let parts: Box[] = [{ start: [], stop: [] }];
  for (const axis of box.start.keys()) {
    parts = parts.flatMap(({ start, stop }) =>
      along(axis).map(([from, to]) => ({ start: [...start, from], stop: [...stop, to] })),
    );
  }
  yield* parts;
}

function emptyPixels(
  dtype: string,
  length: number,
  allocate?: (bytes: number) => ArrayBufferLike,
): PixelValues {
  const data = pixelsOfType(dtype, length, allocate);
  if (data === undefined) throw new TypeError(`${dtype} is not a data type of pixels`);
  return data;
}
