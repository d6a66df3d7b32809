import { keyName, parentKey } from "../../store/keys.js";
import type { AbsolutePath } from "../../store/store.js";
import { NODE_DOCUMENTS } from "../hierarchy.js";
import type { ArrayNode, Hierarchy } from "../node.js";

/** What a key below an array stands for. */
export interface LocatedKey {
  readonly node: ArrayNode;
  /** A chunk (or shard) that the array has, one that it has no room for, or no chunk key at all. */
  readonly place: "in-grid" | "outside" | "stray";
}

/**
 * Finds the array that a key belongs to; undefined for documents and for keys that lie below no array. Chunks
 * of an array follow each other in a listing, so the folder that was looked up last is remembered.
 */
export function keyLocator(hierarchy: Hierarchy): (key: AbsolutePath) => LocatedKey | undefined {
  let folder: AbsolutePath | undefined;
  let above: ArrayKeys | undefined;
  return (key) => {
    const slash = key.lastIndexOf("/");
    if (folder === undefined || slash !== folder.length || !key.startsWith(folder)) {
      folder = parentKey(key);
      const node = arrayAt(folder, hierarchy);
      if (node !== above?.node) above = node && keysOf(node);
    }
    if (above === undefined) return undefined;
    if (slash < above.start && NODE_DOCUMENTS.includes(keyName(key))) return undefined;
    return above[placeOf(key, above)];
  };
}

/** The array that a folder belongs to; none where another node is nearer. */
function arrayAt(folder: AbsolutePath, { nodes }: Hierarchy): ArrayNode | undefined {
  for (let path = folder; ; path = parentKey(path)) {
    const node = nodes.get(path);
    if (node !== undefined) return node.kind === "array" ? node : undefined;
    if (path === "/") return undefined;
  }
}

/** What is needed to understand the keys of one array, and the three answers about them. */
interface ArrayKeys extends Readonly<Record<LocatedKey["place"], LocatedKey>> {
  readonly node: ArrayNode;
  readonly grid: readonly number[];
  /** Where keys relative to the array start. */
  readonly start: number;
  /** What stands before the indices, as in `c/`. */
  readonly prefix: string;
  readonly separator: number;
}

function keysOf(node: ArrayNode): ArrayKeys {
  const { prefix, separator } = node.array.chunkKey;
  const grid = gridOf(node);
  return {
    node,
    grid,
    start: node.path === "/" ? 1 : node.path.length + 1,
    prefix: grid.length === 0 ? prefix || "0" : prefix && prefix + separator,
    separator: separator.charCodeAt(0),
    "in-grid": { node, place: "in-grid" },
    outside: { node, place: "outside" },
    stray: { node, place: "stray" },
  };
}

/** Reads a key like `parseChunkKey`, but makes nothing of it: archives have them by the million. */
function placeOf(key: string, { grid, start, prefix, separator }: ArrayKeys): LocatedKey["place"] {
  if (!key.startsWith(prefix, start)) return "stray";
  let at = start + prefix.length;
  if (grid.length === 0) return at === key.length ? "in-grid" : "stray";
  let inGrid = true;
  for (let axis = 0; axis < grid.length; axis++) {
    if (axis > 0 && key.charCodeAt(at++) !== separator) return "stray";
    const first = at;
    let index = 0;
    for (; isDigit(key.charCodeAt(at)); at++) index = index * 10 + key.charCodeAt(at) - ZERO;
    if (at === first || (at - first > 1 && key.charCodeAt(first) === ZERO)) return "stray";
    if (index >= (grid[axis] as number)) inGrid = false;
  }
  if (at !== key.length) return "stray";
  return inGrid ? "in-grid" : "outside";
}

const ZERO = 0x30;

function isDigit(code: number): boolean {
  return code >= ZERO && code <= ZERO + 9;
}

/** How many chunks, or shards, an array has in each dimension. */
export function gridOf({ array }: ArrayNode): number[] {
  const block = array.shardShape ?? array.chunkShape;
  return array.shape.map((extent, axis) => Math.ceil(extent / (block[axis] ?? 1)));
}
