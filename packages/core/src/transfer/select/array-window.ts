import { joinKey } from "../../store/keys.js";
import type { AbsolutePath } from "../../store/store.js";
import { formatChunkKey, parseChunkKey } from "../../zarr/chunk-key.js";
import type { JsonObject } from "../../zarr/json.js";
import type { ArrayNode } from "../../zarr/node.js";

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

/** The key of the same stored object in the window, undefined where it lies outside; other keys stay. */
export function keyInWindow(window: ArrayWindow, key: AbsolutePath): AbsolutePath | undefined {
  return moveKey(window, key, -1);
}

/** The inverse of {@link keyInWindow}. */
export function keyInArray(window: ArrayWindow, key: AbsolutePath): AbsolutePath | undefined {
  return moveKey(window, key, 1);
}

function moveKey(window: ArrayWindow, key: AbsolutePath, direction: 1 | -1): AbsolutePath | undefined {
  const { node, start, shape } = window;
  const position = parseChunkKey(key.slice(node.path.length + 1), node.array);
  if (position === undefined) return key;
  const grid = gridShapeOf(node);
  const first = start.map((element, axis) => element / (grid[axis] ?? 1));
  const moved = position.map((index, axis) => index + direction * (first[axis] ?? 0));
  const inside = direction === -1 ? moved : position;
  const isInside = inside.every(
    (index, axis) => index >= 0 && index < Math.ceil((shape[axis] ?? 0) / (grid[axis] ?? 1)),
  );
  return isInside ? joinKey(node.path, formatChunkKey(moved, node.array.chunkKey)) : undefined;
}
