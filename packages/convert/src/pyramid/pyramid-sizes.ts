import type { AbsolutePath, ReadOptions, StoreEntry } from "@ozx/core";
import { forEachInSlices, parentKey } from "@ozx/core/container";
import {
  cellsOver,
  countElements,
  createPositionSet,
  gridOf,
  gridShape,
  itemSizeOf,
} from "@ozx/core/internal";
import { boxOf } from "../chunks/cells.js";
import type { NewArray } from "../chunks/encode-entries.js";
import type { StoredPositions } from "../chunks/stored-positions.js";
import { hasAll } from "./live-cells.js";
import type { PlannedLevels } from "./make-levels.js";

/** Levels to generate, and how much of them there may be. */
export interface CountedLevels extends PlannedLevels {
  /** The most objects (chunks, or shards) of each new level. */
  readonly objects: readonly number[];
}

/** Counts the objects of new levels above which something is stored. */
export async function countObjects(
  { smallest, levels, arrays, stored }: PlannedLevels,
  options: ReadOptions,
): Promise<number[]> {
  const { array } = smallest.array;
  const grids = arrays.map(({ shape, chunkShape, shardShape }) => gridShape(shape, shardShape ?? chunkShape));
  if (hasAll(stored, gridOf(smallest.array))) return grids.map(countElements);
  const counts: number[] = [];
  let above: Pick<NewArray, "shape" | "chunkShape" | "shardShape"> = array;
  let objects: StoredPositions = stored;
  for (const [k, below] of arrays.entries()) {
    const found = createPositionSet(grids[k] ?? []);
    const { factors = [] } = levels[k] ?? {};
    const [from, to] = [objectShape(above), objectShape(below)];
    const { shape } = above;
    const add = (position: readonly number[]): void => {
      const { start, stop } = boxOf(position, from, shape);
      const box = {
        start: start.map((at, axis) => Math.floor(at / (factors[axis] ?? 1))),
        stop: stop.map((at, axis) => Math.ceil(at / (factors[axis] ?? 1))),
      };
      for (const at of cellsOver(box, to)) found.add(at);
    };
    await forEachInSlices(objects, add, options);
    counts.push(found.size);
    [above, objects] = [below, found];
  }
  return counts;
}

function objectShape({
  chunkShape,
  shardShape,
}: Pick<NewArray, "chunkShape" | "shardShape">): readonly number[] {
  return shardShape ?? chunkShape;
}

/** The stored bytes of arrays, counted in one pass over all entries. */
export function bytesBelow(
  stored: readonly StoreEntry[],
  paths: readonly AbsolutePath[],
): ReadonlyMap<AbsolutePath, number> {
  const bytes = new Map(paths.map((path) => [path, 0]));
  for (const { key, size } of stored) {
    for (let path = parentKey(key); path !== "/"; path = parentKey(path)) {
      const known = bytes.get(path);
      if (known === undefined) continue;
      bytes.set(path, known + size);
      break;
    }
  }
  return bytes;
}

/** The estimated bytes of all new levels. */
export function expectedBytes(plan: CountedLevels, stored: ReadonlyMap<AbsolutePath, number>): number {
  return plan.arrays.reduce((sum, array, k) => {
    const pixels = (plan.objects[k] ?? 0) * countElements(objectShape(array));
    return sum + Math.min(pixels, countElements(array.shape)) * bytesPerPixel(plan, array, stored);
  }, 0);
}

/** The estimated bytes of the largest shard or chunk of all levels. */
export function largestObject(plan: PlannedLevels, stored: ReadonlyMap<AbsolutePath, number>): number {
  const sizes = plan.arrays.map((array) => {
    const extent = objectShape(array).map((size, axis) => Math.min(size, array.shape[axis] ?? 1));
    return countElements(extent) * bytesPerPixel(plan, array, stored);
  });
  return Math.max(...sizes);
}

/** An estimate: every level is assumed to compress as well as what is stored of the source's smallest one. */
function bytesPerPixel(
  { smallest: { path, array }, stored: objects }: PlannedLevels,
  { dtype, codecs }: NewArray,
  stored: ReadonlyMap<AbsolutePath, number>,
): number {
  const size = itemSizeOf(dtype) ?? 1;
  const pixels = Math.min(
    objects.size * countElements(objectShape(array.array)),
    countElements(array.array.shape),
  );
  const ratio = (stored.get(path) ?? 0) / Math.max(1, pixels * size);
  return codecs.length === 0 ? size : size * Math.min(1, ratio || 1);
}
