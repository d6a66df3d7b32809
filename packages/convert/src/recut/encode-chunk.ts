import type { ChunkWorkers, ReadOptions } from "@ozx/core";
import { readAhead } from "@ozx/core/container";
import {
  type AssembleTask,
  type BlockPart,
  bytesOfPixels,
  type Codec,
  type CodingTask,
  cellsOver,
  countElements,
  itemSizeOf,
  pixelsOfType,
} from "@ozx/core/internal";
import { type Box, boxOf, copyPart, intersection, type PlacedBlock } from "../chunks/cells.js";
import type { SourceBlocks } from "./block-cache.js";
import { BLOCKS_AT_ONCE, type ChunkMaker, isAsTaken } from "./make-chunk.js";
import { type Recut, sourceBoxOf } from "./recut-array.js";
import type { SpareMemory } from "./spare-memory.js";

/** Makes and encodes the chunk at a position; undefined where all of it has the fill value. */
export type ChunkEncoder = (
  position: readonly number[],
  codecs: readonly Codec[],
  options?: ReadOptions,
) => Promise<Uint8Array | undefined>;

/** What chunks are made of, and where. */
export interface ChunkEncoderParts {
  readonly blocks: SourceBlocks;
  readonly maker: ChunkMaker;
  /** The fill value of the new array, as a pixel. */
  readonly fill: number | bigint;
  readonly workers: ChunkWorkers;
  /** Memory for chunks that are not encoded yet; undefined where threads do not share any. */
  readonly spare: SpareMemory | undefined;
  /** The most bytes of decoded blocks that are kept. */
  readonly memory: number;
}

/**
 * An encoder whose threads copy what a chunk needs from the blocks, where these are in memory together; otherwise chunks
 * are made here, block by block.
 */
export function createChunkEncoder(recut: Recut, parts: ChunkEncoderParts): ChunkEncoder {
  const { maker, workers, spare } = parts;
  const assemble = fitsInMemory(recut, parts) ? assemblerOf(recut, parts) : undefined;
  const size = countElements(recut.chunkShape) * (itemSizeOf(recut.dtype) ?? 1);
  const tasks = new Map<readonly Codec[], CodingTask>();
  const taskOf = (codecs: readonly Codec[]): CodingTask => {
    const task: CodingTask = tasks.get(codecs) ?? {
      ...{ kind: "recode", from: { kind: "bytes", codecs: [] }, to: codecs, size },
    };
    tasks.set(codecs, task);
    return task;
  };

  const encodeHere: ChunkEncoder = async (position, codecs, options) => {
    let buffer: ArrayBufferLike | undefined;
    const allocate =
      spare &&
      ((bytes: number): ArrayBufferLike => {
        buffer = spare.take(bytes);
        return buffer;
      });
    try {
      const bytes = await maker.make(position, { ...options, allocate });
      if (bytes === undefined) return undefined;
      const encoded = await workers.run(taskOf(codecs), bytes, { ...options, isSpare: true });
      if (typeof encoded === "string") throw new TypeError(`a chunk cannot be encoded: it ${encoded}`);
      return encoded;
    } finally {
      if (buffer !== undefined) spare?.give(buffer);
    }
  };
  return assemble ?? encodeHere;
}

/** Whether all blocks that a chunk is made of may be in memory at once, for as many chunks as are made at once. */
function fitsInMemory(
  { node, start, chunkShape }: Recut,
  { blocks, workers, memory }: ChunkEncoderParts,
): boolean {
  const along = chunkShape.map((extent, axis) => {
    const block = blocks.shape[axis] ?? 1;
    const isAligned = (start[axis] ?? 0) % block === 0 && (extent % block === 0 || block % extent === 0);
    // A chunk that begins within a block needs one more.
    return Math.ceil(extent / block) + (isAligned ? 0 : 1);
  });
  const bytes = countElements(blocks.shape) * (itemSizeOf(node.array.dtype) ?? 1);
  return countElements(along) * bytes * workers.atOnce <= memory;
}

/** Undefined where chunks are more than copies of what is in the blocks, or threads cannot copy it. */
function assemblerOf(recut: Recut, { blocks, fill, workers }: ChunkEncoderParts): ChunkEncoder | undefined {
  if (workers.assemble === undefined || !isAsTaken(recut)) return undefined;
  const { chunkShape, shape } = recut;
  const where = { dtype: recut.dtype, mustShare: workers.sharesMemory ?? false };
  const tasks = new Map<readonly Codec[], AssembleTask>();
  const itemSize = itemSizeOf(recut.dtype) ?? 1;
  const taskOf = (codecs: readonly Codec[], pixels: string): AssembleTask => {
    const task = tasks.get(codecs) ?? { kind: "assemble", pixels, itemSize, chunkShape, fill, codecs };
    tasks.set(codecs, task);
    return task;
  };
  return async (position, codecs, options) => {
    const cell = boxOf(position, chunkShape, shape);
    const box = sourceBoxOf(recut, cell);
    const parts: BlockPart[] = [];
    const releases: (() => void)[] = [];
    let isDone = false;
    let pixels = "";
    const take = async (at: readonly number[]): Promise<void> => {
      const { release, ...placed } = await blocks.get(at, options);
      if (isDone) return release();
      releases.push(release);
      pixels = placed.block.data[Symbol.toStringTag];
      const part = partOf(placed, box, where);
      if (part !== undefined) parts.push(part);
    };
    try {
      for await (const _ of readAhead(cellsOver(box, blocks.shape), BLOCKS_AT_ONCE, take)) {
        options?.signal?.throwIfAborted();
      }
      return await workers.assemble?.(taskOf(codecs, pixels), parts, options);
    } finally {
      isDone = true;
      for (const release of releases) release();
    }
  };
}

/** What a box has of a block; undefined where they do not overlap. */
function partOf(
  { origin, block }: PlacedBlock,
  box: Box,
  { dtype, mustShare }: { readonly dtype: string; readonly mustShare: boolean },
): BlockPart | undefined {
  const stop = origin.map((at, axis) => at + (block.shape[axis] ?? 1));
  const common = intersection({ start: origin, stop }, box);
  if (common === undefined) return undefined;
  const extents = common.start.map((at, axis) => (common.stop[axis] ?? at) - at);
  const to = common.start.map((at, axis) => at - (box.start[axis] ?? 0));
  if (!mustShare || block.data.buffer instanceof SharedArrayBuffer) {
    const from = common.start.map((at, axis) => at - (origin[axis] ?? 0));
    return { bytes: bytesOfPixels(block.data), shape: block.shape, from, to, extents };
  }
  const own = pixelsOfType(dtype, countElements(extents), (bytes) => new SharedArrayBuffer(bytes));
  if (own === undefined) throw new TypeError(`${dtype} is not a data type of pixels`);
  copyPart({ origin, block }, { origin: common.start, block: { data: own, shape: extents } }, common);
  return { bytes: bytesOfPixels(own), shape: extents, from: extents.map(() => 0), to, extents };
}
