import type { ArrayNode, ReadOptions } from "@ozx/core";
import { forEachInSlices } from "@ozx/core/container";
import {
  cellsOver,
  countElements,
  createPositionSet,
  gridShape,
  positionsOf,
  type StoredChunks,
} from "@ozx/core/internal";
import type { StoredPositions } from "../chunks/stored-positions.js";
import type { RegionBounds } from "./compare-region.js";

/** An array, and which of its objects (chunks, or shards) are stored. */
export interface StoredSide {
  readonly node: ArrayNode;
  readonly objects: StoredPositions;
  /** Undefined where chunks cannot be located in the array's shards. */
  readonly chunks: StoredChunks | undefined;
}

/** The regions of two arrays in which one of them has a stored chunk. */
export interface StoredRegions {
  /** The elements of the blocks that regions lie in: `onSkip` and the regions together count so many. */
  readonly elements: number;
  /**
   * Regions block by block, each block in C order, and in a block in C order.
   *
   * @param options.onSkip called with the number of elements that are in no region, because no chunk is stored there
   */
  regions(options: StoredRegionsOptions): AsyncGenerator<StoredRegion>;
}

/** Options of {@link StoredRegions.regions}. */
export interface StoredRegionsOptions extends ReadOptions {
  readonly onSkip?: ((elements: number) => void) | undefined;
}

/** A region in which a chunk is stored. */
export interface StoredRegion extends RegionBounds {
  /** The first position of its block: no region that follows in another block has a position before its block's. */
  readonly block: readonly number[];
}

/**
 * The regions of two arrays of the same shape in which one of them has a stored chunk. So the time to compare them follows
 * what is stored, and not what an array could hold. A block is a region, or where an array has shards as many as a shard
 * overlaps: the indexes of a block's shards are read when it is its turn.
 *
 * @param extents the shape of a region
 */
export async function storedRegions(
  sides: readonly StoredSide[],
  shape: readonly number[],
  extents: readonly number[],
  options: ReadOptions,
): Promise<StoredRegions> {
  const blockShape = blockOf(sides, extents);
  const isRegion = blockShape.every((extent, axis) => extent === extents[axis]);
  const blocks = createPositionSet(gridShape(shape, blockShape));
  for (const { node, objects } of sides) {
    const addBlocks = (object: readonly number[]): void => {
      for (const block of cellsOver(boundsOf(object, objectShape(node), shape), blockShape))
        blocks.add(block);
    };
    await forEachInSlices(objects, addBlocks, options);
  }
  let elements = 0;
  const count = (block: readonly number[]): void => {
    elements += volumeOf(boundsOf(block, blockShape, shape));
  };
  await forEachInSlices(blocks, count, options);
  return {
    elements,
    async *regions({ signal, onSkip }) {
      for (const position of blocks) {
        const bounds = boundsOf(position, blockShape, shape);
        const block = bounds.start;
        if (isRegion) {
          yield { ...bounds, block };
          continue;
        }
        const stored = createPositionSet(gridShape(shape, extents));
        const add = (chunk: RegionBounds): void => {
          for (const region of cellsOver(intersection(chunk, bounds), extents)) stored.add(region);
        };
        for (const side of sides) await visitChunks(bounds, side, add, { signal });
        let skipped = volumeOf(bounds);
        for (const region of stored) skipped -= volumeOf(boundsOf(region, extents, shape));
        onSkip?.(skipped);
        for (const region of stored) yield { ...boundsOf(region, extents, shape), block };
      }
    },
  };
}

/** All regions of an array, in C order. */
export function allRegions(shape: readonly number[], extents: readonly number[]): StoredRegions {
  return {
    elements: countElements(shape),
    async *regions() {
      for (const position of positionsOf(gridShape(shape, extents))) {
        const bounds = boundsOf(position, extents, shape);
        yield { ...bounds, block: bounds.start };
      }
    },
  };
}

/** The smallest box of whole regions that is as large as the objects of both arrays. */
function blockOf(sides: readonly StoredSide[], extents: readonly number[]): number[] {
  return extents.map((extent, axis) => {
    const largest = Math.max(...sides.map(({ node }) => objectShape(node)[axis] ?? 1));
    return extent * Math.ceil(largest / extent);
  });
}

/** Visits the stored chunks in a block, and others of the same shards; whole shards where chunks cannot be located in them. */
async function visitChunks(
  block: RegionBounds,
  { node, objects, chunks }: StoredSide,
  visit: (chunk: RegionBounds) => void,
  options: ReadOptions,
): Promise<void> {
  const { shape, chunkShape } = node.array;
  for (const object of objectsIn(block, node, objects)) {
    if (chunks === undefined) visit(boundsOf(object, objectShape(node), shape));
    else {
      const within = await chunks.within(object, options);
      await forEachInSlices(within, (chunk) => visit(boundsOf(chunk, chunkShape, shape)), options);
    }
  }
}

/** The stored objects that overlap a block. */
function objectsIn(
  { start, stop }: RegionBounds,
  node: ArrayNode,
  objects: StoredPositions,
): Iterable<readonly number[]> {
  const cell = objectShape(node);
  return objects.within(
    start.map((at, axis) => Math.floor(at / (cell[axis] ?? 1))),
    stop.map((at, axis) => Math.ceil(at / (cell[axis] ?? 1))),
  );
}

/** The shape of a stored object. */
function objectShape({ array }: ArrayNode): readonly number[] {
  return array.shardShape ?? array.chunkShape;
}

/** The bounds of a cell of a regular grid, cut to the array. */
function boundsOf(
  position: readonly number[],
  cell: readonly number[],
  shape: readonly number[],
): RegionBounds {
  const start = position.map((at, axis) => at * (cell[axis] ?? 1));
  return { start, stop: start.map((at, axis) => Math.min(at + (cell[axis] ?? 1), shape[axis] ?? 0)) };
}

function intersection(one: RegionBounds, other: RegionBounds): RegionBounds {
  return {
    start: one.start.map((at, axis) => Math.max(at, other.start[axis] ?? 0)),
    stop: one.stop.map((at, axis) => Math.min(at, other.stop[axis] ?? 0)),
  };
}

function volumeOf({ start, stop }: RegionBounds): number {
  return countElements(stop.map((at, axis) => at - (start[axis] ?? 0)));
}
