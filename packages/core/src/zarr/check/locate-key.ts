import { keyName, parentKey } from "../../store/keys.js";
import type { AbsolutePath } from "../../store/store.js";
import { parseChunkKey } from "../chunk-key.js";
import { NODE_DOCUMENTS } from "../hierarchy.js";
import type { ArrayNode, Hierarchy } from "../node.js";

/** What a key below an array stands for. */
export interface LocatedKey {
  readonly node: ArrayNode;
  /** Undefined where the key is no chunk key of the array. */
  readonly position: readonly number[] | undefined;
  /** Whether the position is one that the array has. */
  readonly inGrid: boolean;
}

/**
 * Finds the array that a key belongs to; undefined for documents and for keys that lie below no array. Chunks
 * of an array follow each other in a listing, so the folder that was looked up last is remembered.
 */
export function keyLocator(hierarchy: Hierarchy): (key: AbsolutePath) => LocatedKey | undefined {
  let folder: AbsolutePath | undefined;
  let above: { node: ArrayNode; grid: readonly number[] } | undefined;
  return (key) => {
    const parent = parentKey(key);
    if (parent !== folder) {
      folder = parent;
      const node = arrayAt(parent, hierarchy);
      if (node !== above?.node) above = node && { node, grid: gridOf(node) };
    }
    if (above === undefined) return undefined;
    const { node, grid } = above;
    if (parent === node.path && NODE_DOCUMENTS.includes(keyName(key))) return undefined;
    const position = parseChunkKey(key.slice(node.path === "/" ? 1 : node.path.length + 1), node.array);
    return { node, position, inGrid: position?.every((at, axis) => at < (grid[axis] ?? 0)) ?? false };
  };
}

/** The array that a folder belongs to; none where another node is nearer, readable or not. */
function arrayAt(folder: AbsolutePath, { nodes }: Hierarchy): ArrayNode | undefined {
  for (let path = folder; ; path = parentKey(path)) {
    const node = nodes.get(path);
    if (node !== undefined) return node.kind === "array" ? node : undefined;
    if (path === "/") return undefined;
  }
}

/** How many chunks, or shards, an array has in each dimension. */
export function gridOf({ array }: ArrayNode): number[] {
  const block = array.shardShape ?? array.chunkShape;
  return array.shape.map((extent, axis) => Math.ceil(extent / (block[axis] ?? 1)));
}
