import { type AbsolutePath, type ReadOptions, type Store, UsageError } from "@ozx/core";
import { movedPath, type NodeMove } from "./node-move.js";

/** An entry that gets another key. */
export interface MovedEntry {
  readonly from: AbsolutePath;
  readonly to: AbsolutePath;
  /** Bytes. */
  readonly size: number;
}

/**
 * The entries of nodes that are moved.
 *
 * @throws UsageError where something is at the new path
 */
export async function movedEntries(
  store: Store,
  moves: readonly NodeMove[],
  options?: ReadOptions,
): Promise<MovedEntry[]> {
  const moved: MovedEntry[] = [];
  for (const move of moves) {
    const { from, to } = move;
    const keys = new Set<AbsolutePath>();
    for await (const { key, size } of store.list({ ...options, prefix: from })) {
      const entry = { from: key, to: movedPath(key, [move]), size };
      moved.push(entry);
      keys.add(entry.to);
    }
    // What a killed run has left in a folder is replaced.
    for await (const { key } of store.list({ ...options, prefix: to })) {
      if (keys.has(key)) continue;
      throw new UsageError(
        `${key.slice(1)} is in ${store.name}: remove what is at ${to.slice(1)}, or choose another place`,
      );
    }
  }
  return moved;
}
