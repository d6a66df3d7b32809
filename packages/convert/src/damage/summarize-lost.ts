import type { AbsolutePath, Hierarchy, ReadOptions, Store } from "@ozx/core";
import { createThrottle, keyName, parentKey } from "@ozx/core/container";
import {
  keyLocator,
  NODE_DOCUMENTS,
  nameBelow,
  parseChunkKey,
  positionInShard,
  shardLayout,
} from "@ozx/core/internal";
import type { LostInShard, LostValue } from "./lost-values.js";

/** A lost chunk of an array, or a lost shard of one that has shards. */
export interface LostChunk extends LostValue {
  /** Its position in the grid of chunks (or shards), as its key has it. */
  readonly position: readonly number[];
}

/** What is lost of an array. */
export interface LostOfArray {
  readonly path: AbsolutePath;
  /** What positions count: the chunks that have a key, or the shards. */
  readonly unit: "chunk" | "shard";
  readonly chunks: readonly LostChunk[];
}

/** A lost metadata document. */
export interface LostDocument extends LostValue {
  /** How many values that can be read lie below its node, and belong to no node that can be opened. */
  readonly unreachable: number;
}

/** Lost values by what they are. */
export interface LostSummary {
  readonly arrays: readonly LostOfArray[];
  readonly documents: readonly LostDocument[];
  /** Values that belong to no array that can be opened. */
  readonly others: readonly LostValue[];
}

/**
 * Says what lost values are: chunks (or shards) of which array and where, documents and what follows from their loss.
 *
 * @param store what is left
 * @param hierarchy its nodes
 */
export async function summarizeLost(
  store: Store,
  hierarchy: Hierarchy,
  lost: readonly LostValue[],
  options?: ReadOptions,
): Promise<LostSummary> {
  const locate = keyLocator(hierarchy);
  const arrays = new Map<AbsolutePath, LostChunk[]>();
  const documents: LostValue[] = [];
  const others: LostValue[] = [];
  for (const value of lost) {
    const { key } = value;
    const located = locate(key);
    const node = located?.node;
    const position = node && parseChunkKey(nameBelow(node.path, key), node.array);
    if (node === undefined || position === undefined) {
      (NODE_DOCUMENTS.includes(keyName(key)) ? documents : others).push(value);
      continue;
    }
    addTo(arrays, node.path, { ...value, position });
  }
  const unreachable = await countUnreachable(store, hierarchy, documents, options);
  return {
    arrays: [...arrays].map(([path, chunks]) => {
      const node = hierarchy.nodes.get(path);
      const isSharded = node?.kind === "array" && node.array.shardShape !== undefined;
      return { path, unit: isSharded ? "shard" : "chunk", chunks };
    }),
    documents: documents.map((value) => ({
      ...value,
      unreachable: unreachable.get(parentKey(value.key)) ?? 0,
    })),
    others,
  };
}

/** Says which chunks of arrays are lost within shards; positions are those in the array's grid of chunks. */
export function summarizeInShards(hierarchy: Hierarchy, inShards: readonly LostInShard[]): LostOfArray[] {
  const locate = keyLocator(hierarchy);
  const arrays = new Map<AbsolutePath, LostChunk[]>();
  for (const { key, chunk, reason } of inShards) {
    const node = locate(key)?.node;
    const shard = node && parseChunkKey(nameBelow(node.path, key), node.array);
    const layout = node && shardLayout(node);
    if (node === undefined || shard === undefined || typeof layout !== "object") continue;
    const within = positionInShard(chunk, layout);
    const position = within.map((at, axis) => at + (shard[axis] ?? 0) * (layout.grid[axis] ?? 1));
    addTo(arrays, node.path, { key, reason, position });
  }
  return [...arrays].map(([path, chunks]) => ({ path, unit: "chunk", chunks }));
}

function addTo(arrays: Map<AbsolutePath, LostChunk[]>, path: AbsolutePath, chunk: LostChunk): void {
  const chunks = arrays.get(path);
  if (chunks === undefined) arrays.set(path, [chunk]);
  else chunks.push(chunk);
}

/** Counts the values below each lost node that no other node is above. */
async function countUnreachable(
  store: Store,
  { nodes }: Hierarchy,
  documents: readonly LostValue[],
  options?: ReadOptions,
): Promise<ReadonlyMap<AbsolutePath, number>> {
  const counts = new Map<AbsolutePath, number>(documents.map(({ key }) => [parentKey(key), 0]));
  if (counts.size === 0 || store.unlisted !== undefined) return counts;
  const pause = createThrottle(options);
  for await (const { key } of store.list(options)) {
    await pause();
    for (let path = parentKey(key); !nodes.has(path); path = parentKey(path)) {
      const count = counts.get(path);
      if (count !== undefined) {
        counts.set(path, count + 1);
        break;
      }
      if (path === "/") break;
    }
  }
  return counts;
}
