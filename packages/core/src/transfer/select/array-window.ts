import type { AbsolutePath, ChunkWindow } from "../../store/store.js";
import { joinKey } from "../../store/store-keys.js";
import type { JsonObject } from "../../zarr/json.js";
import type { ArrayNode } from "../../zarr/zarr-node.js";
import { formatChunkKey, parseChunkKey } from "../../zarr/zarr-node.js";

/** The part of an array that is taken: whole stored objects (chunks, or shards), but for the array's own end. */
export interface ArrayWindow {
  readonly node: ArrayNode;
  /** The first element that is taken, and how many are, one number an axis. */
  readonly start: readonly number[];
  readonly shape: readonly number[];
}

/** What one stored object covers. */
export function gridShapeOf({ array }: ArrayNode): readonly number[] {
  return array.shardShape ?? array.chunkShape;
}

/** The array's document with the shape of the window. */
export function windowDocument({ node, shape }: ArrayWindow): JsonObject {
  return { ...node.document, shape };
}

/** The stored objects that a window takes. */
export function chunkWindow({ node, start, shape }: ArrayWindow): ChunkWindow {
  const grid = gridShapeOf(node);
  return {
    first: start.map((element, axis) => element / (grid[axis] ?? 1)),
    counts: shape.map((length, axis) => Math.ceil(length / (grid[axis] ?? 1))),
    chunkKey: node.array.chunkKey,
  };
}

/** The key of the same stored object in the window of the array at `path`, undefined where it lies outside; other keys stay. */
export function keyInWindow(
  path: AbsolutePath,
  window: ChunkWindow,
  key: AbsolutePath,
): AbsolutePath | undefined {
  return moveKey(path, window, key, -1);
}

/** The inverse of {@link keyInWindow}. */
export function keyInArray(
  path: AbsolutePath,
  window: ChunkWindow,
  key: AbsolutePath,
): AbsolutePath | undefined {
  return moveKey(path, window, key, 1);
}

function moveKey(
  path: AbsolutePath,
  { first, counts, chunkKey }: ChunkWindow,
  key: AbsolutePath,
  direction: 1 | -1,
): AbsolutePath | undefined {
  const position = parseChunkKey(key.slice(path.length + 1), { chunkKey, shape: counts });
  if (position === undefined) return key;
  const moved = position.map((index, axis) => index + direction * (first[axis] ?? 0));
  const inside = direction === -1 ? moved : position;
  const isInside = inside.every((index, axis) => index >= 0 && index < (counts[axis] ?? 0));
  return isInside ? joinKey(path, formatChunkKey(moved, chunkKey)) : undefined;
}
