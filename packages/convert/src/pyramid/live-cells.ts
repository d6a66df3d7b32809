import type { ReadOptions } from "@ozx/core";
import { forEachInSlices } from "@ozx/core/container";
import { cellsOver, countElements, createPositionSet, gridShape, type PositionSet } from "@ozx/core/internal";
import { boxOf, type ExpectedPixels, intersection, volumeOf } from "../chunks/cells.js";
import { tileShape } from "../chunks/chunk-feed.js";

/** A level of a pyramid, as far as it decides which of its chunks have to be computed. */
interface PyramidStage {
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  /** The downsampling factors from this level to the next; undefined for the last one. */
  readonly factors: readonly number[] | undefined;
}

/** The cells of a level that have to be computed: in all others, every pixel has the fill value. */
export interface LiveCells {
  readonly chunks: PositionSet;
  /** The tiles that are downsampled for the next level; those of the last level are its chunks. */
  readonly tiles: PositionSet;
}

/**
 * The chunks and tiles of all levels that have to be computed, where some tiles of the first level need not be read
 * because nothing is stored there. The fill value stays what it is when pixels are downsampled.
 *
 * @param tiles those of the first level in which chunks are stored
 */
export async function liveCells(
  [first, ...others]: readonly PyramidStage[],
  tiles: PositionSet,
  options?: ReadOptions,
): Promise<LiveCells[]> {
  const levels: LiveCells[] = [{ chunks: tiles, tiles }];
  let above = first;
  for (const stage of others) {
    const { shape, chunkShape, factors } = stage;
    const put = putShape(above);
    const chunks = createPositionSet(gridShape(shape, chunkShape));
    const tile = factors === undefined ? chunkShape : tileShape(chunkShape, factors);
    const live = createPositionSet(gridShape(shape, tile));
    const add = (position: readonly number[]): void => {
      const box = boxOf(position, put, shape);
      for (const cell of cellsOver(box, chunkShape)) chunks.add(cell);
      for (const cell of cellsOver(box, tile)) live.add(cell);
    };
    await forEachInSlices(levels.at(-1)?.tiles ?? [], add, options);
    levels.push({ chunks, tiles: live });
    above = stage;
  }
  return levels;
}

/**
 * Which pixels of a level are put, where not all tiles of the level above are live.
 *
 * @param fill what all other pixels are
 */
export function expectedPixels(
  above: PyramidStage,
  { tiles }: LiveCells,
  shape: readonly number[],
  fill: number | bigint,
): ExpectedPixels {
  const put = putShape(above);
  return {
    fill,
    count(cell) {
      let pixels = 0;
      for (const position of cellsOver(cell, put)) {
        const part = tiles.has(position) ? intersection(cell, boxOf(position, put, shape)) : undefined;
        if (part !== undefined) pixels += volumeOf(part);
      }
      return pixels;
    },
  };
}

/** The shape of the box that a tile becomes in the next level. */
function putShape(above: PyramidStage | undefined): number[] {
  const { chunkShape = [], factors = [] } = above ?? {};
  return tileShape(chunkShape, factors).map((extent, axis) => extent / (factors[axis] ?? 1));
}

/** Whether a set has all positions of a grid. */
export function hasAll(positions: Pick<PositionSet, "size">, grid: readonly number[]): boolean {
  return positions.size === countElements(grid);
}
