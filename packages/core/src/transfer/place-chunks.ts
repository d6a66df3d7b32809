import type { AbsolutePath } from "../store/store.js";
import type { EntryInput } from "../store/target.js";
import type { PlacedChunk } from "../zarr/shard/assemble-shards.js";
import type { ArrayDescription } from "../zarr/zarr-node.js";
import { parseChunkKey } from "../zarr/zarr-node.js";

/** The entries of a hierarchy, those that hold the chunks (or shards) of some arrays taken out. */
export interface PlacedEntries {
  readonly others: readonly EntryInput[];
  /** By array, in C order of their positions. */
  readonly chunks: ReadonlyMap<AbsolutePath, readonly PlacedChunk<EntryInput>[]>;
}

/** Takes out the chunks (or shards) of arrays. */
export function placeChunks(
  entries: readonly EntryInput[],
  arrays: ReadonlyMap<AbsolutePath, ArrayDescription>,
): PlacedEntries {
  const chunks = new Map<AbsolutePath, PlacedChunk<EntryInput>[]>();
  const others = entries.filter((entry) => {
    const placed = placeChunk(entry, arrays);
    if (placed === undefined) return true;
    const list = chunks.get(placed.path) ?? [];
    list.push(placed.chunk);
    chunks.set(placed.path, list);
    return false;
  });
  for (const list of chunks.values()) list.sort((a, b) => comparePositions(a.position, b.position));
  return { others, chunks };
}

function placeChunk(
  entry: EntryInput,
  arrays: ReadonlyMap<AbsolutePath, ArrayDescription>,
): { path: AbsolutePath; chunk: PlacedChunk<EntryInput> } | undefined {
  for (let slash = entry.key.lastIndexOf("/"); slash > 0; slash = entry.key.lastIndexOf("/", slash - 1)) {
    const path = entry.key.slice(0, slash) as AbsolutePath;
    const array = arrays.get(path);
    if (array === undefined) continue;
    const position = parseChunkKey(entry.key.slice(slash + 1), array);
    return position && { path, chunk: { position, size: entry.size, key: entry } };
  }
  return undefined;
}

function comparePositions(a: readonly number[], b: readonly number[]): number {
  for (let axis = 0; axis < a.length; axis++) {
    const difference = (a[axis] as number) - (b[axis] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
