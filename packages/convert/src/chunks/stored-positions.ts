import type { AbsolutePath, ArrayNode, Hierarchy, StoreEntry } from "@ozx/core";
import { createThrottle } from "@ozx/core/container";
import {
  countElements,
  createPositionSet,
  gridOf,
  keyLocator,
  nameBelow,
  type PositionSet,
  parseChunkKey,
  positionsIn,
  positionsOf,
} from "@ozx/core/internal";

/** The positions of the stored objects (chunks, or shards) of an array. */
export type StoredPositions = Omit<PositionSet, "add">;

/**
 * Sorts the keys of a hierarchy by the arrays whose chunks (or shards) they are, in one pass. All other keys, and those
 * of other arrays, are left out.
 *
 * @param entries what the store lists
 */
export async function collectStoredPositions(
  entries: Iterable<StoreEntry> | AsyncIterable<StoreEntry>,
  hierarchy: Hierarchy,
  arrays: Iterable<ArrayNode>,
): Promise<ReadonlyMap<AbsolutePath, StoredPositions>> {
  const objects = new Map<AbsolutePath, PositionSet>();
  for (const node of arrays) objects.set(node.path, createPositionSet(gridOf(node)));
  const locate = keyLocator(hierarchy);
  const pause = createThrottle();
  let count = 0;
  for await (const { key } of entries) {
    // Reading the clock costs as much as looking at a key.
    if (++count % 256 === 0) await pause();
    const located = locate(key);
    if (located?.kind !== "in-grid") continue;
    const { path, array } = located.node;
    const position = objects.has(path) ? parseChunkKey(nameBelow(path, key), array) : undefined;
    if (position !== undefined) objects.get(path)?.add(position);
  }
  return objects;
}

/** All objects that an array can have, of which nobody can tell which are stored. */
export function possiblePositions(node: ArrayNode): StoredPositions {
  const grid = gridOf(node);
  return {
    size: countElements(grid),
    has: () => true,
    [Symbol.iterator]: () => positionsOf(grid),
    within: positionsIn,
  };
}
