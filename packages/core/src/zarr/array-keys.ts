import { readAhead } from "../bytes/concurrency.js";
import type { ReadOptions } from "../bytes/source-and-sink.js";
import { UnsupportedError } from "../errors.js";
import { positionsOf } from "../image/grid-order.js";
import type { AbsolutePath, Store, StoreEntry } from "../store/store.js";
import { joinKey, keyName, parentKey } from "../store/store-keys.js";
import { NODE_DOCUMENTS } from "./read-hierarchy.js";
import { type ArrayNode, formatChunkKey, type Hierarchy } from "./zarr-node.js";

/** What a key below an array stands for. */
export interface LocatedKey {
  readonly node: ArrayNode;
  /** A chunk (or shard) that the array has, one that it has no room for, or no chunk key at all. */
  readonly kind: "in-grid" | "outside" | "stray";
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
    return above[kindOfKey(key, above)];
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
interface ArrayKeys extends Readonly<Record<LocatedKey["kind"], LocatedKey>> {
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
    "in-grid": { node, kind: "in-grid" },
    outside: { node, kind: "outside" },
    stray: { node, kind: "stray" },
  };
}

/** Reads a key like `parseChunkKey`, but makes nothing of it: archives have them by the million. */
function kindOfKey(key: string, { grid, start, prefix, separator }: ArrayKeys): LocatedKey["kind"] {
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

/** Each costs a question to a server. */
const MOST_KEYS = 10_000_000;
const QUESTIONS_AT_ONCE = 32;

/**
 * All entries of a store: as it lists them, or, where it cannot be listed, those that its metadata names (the
 * documents of all nodes, and the chunks that the arrays have room for) as far as they are there.
 *
 * @param also further keys to ask for where there is no listing
 * @throws UnsupportedError when more chunks would have to be asked for than anybody waits for
 */
export async function* listEntries(
  store: Store,
  hierarchy: Hierarchy,
  options?: ReadOptions,
  also: readonly AbsolutePath[] = [],
): AsyncGenerator<StoreEntry> {
  const { unlisted } = store;
  if (unlisted === undefined) {
    yield* store.list({ signal: options?.signal });
    return;
  }
  const ask = async (key: AbsolutePath): Promise<StoreEntry | undefined> => {
    const size = await unlisted.size(key, options);
    return size === undefined ? undefined : { key, size };
  };
  for await (const entry of readAhead(namedKeys(hierarchy, also), QUESTIONS_AT_ONCE, ask)) {
    options?.signal?.throwIfAborted();
    if (entry !== undefined) yield entry;
  }
}

function* namedKeys(hierarchy: Hierarchy, also: readonly AbsolutePath[]): Generator<AbsolutePath> {
  const arrays = [...hierarchy.nodes.values()].filter((node) => node.kind === "array");
  const chunks = arrays.reduce((sum, node) => sum + chunkCount(node), 0);
  if (chunks > MOST_KEYS) {
    throw new UnsupportedError(
      `${hierarchy.location} has room for ${chunks} chunks, and a server would have to be asked for each: copy the folder with the server's own tool first`,
      { location: hierarchy.location, feature: "very many chunks on a server" },
    );
  }
  yield* also;
  for (const { path, kind, zarrFormat } of hierarchy.nodes.values()) {
    const own = kind === "array" ? ".zarray" : ".zgroup";
    const consolidated = path === "/" ? [".zmetadata"] : [];
    const names = zarrFormat === 3 ? ["zarr.json"] : [own, ".zattrs", ...consolidated];
    for (const name of names) yield joinKey(path, name);
  }
  for (const node of arrays) {
    for (const position of positionsOf(gridOf(node))) {
      yield joinKey(node.path, formatChunkKey(position, node.array.chunkKey));
    }
  }
}

function chunkCount(node: ArrayNode): number {
  return gridOf(node).reduce((product, count) => product * count, 1);
}
