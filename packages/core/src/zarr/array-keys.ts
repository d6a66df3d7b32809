import { readAhead } from "../bytes/concurrency.js";
import type { ReadOptions } from "../bytes/source-and-sink.js";
import { isOzxError, type OzxError, UnsupportedError } from "../errors.js";
import { countElements, gridShape, positionsOf } from "../image/grid-order.js";
import type { AbsolutePath, Store, StoreEntry } from "../store/store.js";
import { isDigit, joinKey, keyName, parentKey } from "../store/store-keys.js";
import { tooLongIn } from "../store/value-limit.js";
import { objectBound } from "./codec/encoded-bound.js";
import { largestDocument } from "./read-document.js";
import { NODE_DOCUMENTS } from "./read-hierarchy.js";
import { type ArrayNode, formatChunkKey, type Hierarchy } from "./zarr-node.js";

/** A key below an array. */
export interface LocatedKey {
  readonly node: ArrayNode;
  /** `in-grid`: a chunk (or shard) within the array's grid; `outside`: one beyond it; `stray`: not a chunk key. */
  readonly kind: "in-grid" | "outside" | "stray";
}

/**
 * Finds the array that a key belongs to; undefined for documents, and for keys that lie below no array. It caches the
 * last folder, since the chunks of an array follow each other in a listing.
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

/** The array that a folder belongs to; undefined where the nearest node above is not an array. */
function arrayAt(folder: AbsolutePath, { nodes }: Hierarchy): ArrayNode | undefined {
  for (let path = folder; ; path = parentKey(path)) {
    const node = nodes.get(path);
    if (node !== undefined) return node.kind === "array" ? node : undefined;
    if (path === "/") return undefined;
  }
}

/** What is needed to parse the keys of one array, and the three possible results. */
interface ArrayKeys extends Readonly<Record<LocatedKey["kind"], LocatedKey>> {
  readonly node: ArrayNode;
  readonly grid: readonly number[];
  /** Where keys relative to the array start. */
  readonly start: number;
  /** The text before the indices, as in `c/`. */
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

/** Parses a key like `parseChunkKey`, but allocates nothing: archives have millions of keys. */
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

/** The number of chunks (or shards) of an array along each axis. */
export function gridOf({ array }: ArrayNode): number[] {
  return gridShape(array.shape, array.shardShape ?? array.chunkShape);
}

/** Each key takes a request to the server. */
const MOST_KEYS = 10_000_000;
const REQUESTS_AT_ONCE = 32;

/** Options of {@link listEntries}. */
export interface ListEntriesOptions extends ReadOptions {
  /** Further keys to look for where there is no listing. */
  readonly also?: readonly AbsolutePath[] | undefined;
  /**
   * Called for values that a server sends without an end, which are then left out; without it, listing them throws
   * `CorruptDataError`.
   */
  readonly onTooLong?: ((key: AbsolutePath, error: OzxError) => void) | undefined;
}

/**
 * All entries of a store: as it lists them, or, where it cannot be listed, those that exist of the documents of all nodes
 * and the chunks of all arrays.
 *
 * @throws UnsupportedError when there are more than 10 million chunks to look for
 */
export async function* listEntries(
  store: Store,
  hierarchy: Hierarchy,
  { also = [], signal, onTooLong }: ListEntriesOptions = {},
): AsyncGenerator<StoreEntry> {
  const { unlisted } = store;
  if (unlisted === undefined) {
    yield* store.list({ signal });
    return;
  }
  const ask = async ({ key, atMost }: NamedKey): Promise<StoreEntry | undefined> => {
    try {
      const size = await unlisted.size(key, { signal, atMost });
      return size === undefined ? undefined : { key, size };
    } catch (error) {
      if (onTooLong === undefined || tooLongIn(error) === undefined || !isOzxError(error)) throw error;
      onTooLong(key, error);
      return undefined;
    }
  };
  const keys = namedKeys(hierarchy, also, largestDocument(store));
  for await (const entry of readAhead(keys, REQUESTS_AT_ONCE, ask)) {
    signal?.throwIfAborted();
    if (entry !== undefined) yield entry;
  }
}

/**
 * Checks that the chunks (or shards) of arrays can be asked for one by one, where their store cannot tell which it has.
 *
 * @throws UnsupportedError when there are more than 10 million
 */
export function checkRequestable(arrays: Iterable<ArrayNode>, location: string): void {
  let chunks = 0;
  for (const node of arrays) chunks += countElements(gridOf(node));
  if (chunks <= MOST_KEYS) return;
  throw new UnsupportedError(
    `${location} can have ${chunks} chunks, and each takes a request to the server: copy the folder with the server's own tool first`,
    { location, feature: "very many chunks on a server" },
  );
}

interface NamedKey {
  readonly key: AbsolutePath;
  /** The most bytes that its value can have. */
  readonly atMost: number;
}

function* namedKeys(
  hierarchy: Hierarchy,
  also: readonly AbsolutePath[],
  document: number,
): Generator<NamedKey> {
  const arrays = [...hierarchy.nodes.values()].filter((node) => node.kind === "array");
  checkRequestable(arrays, hierarchy.location);
  for (const key of also) yield { key, atMost: document };
  for (const { path, kind, zarrFormat } of hierarchy.nodes.values()) {
    const own = kind === "array" ? ".zarray" : ".zgroup";
    const consolidated = path === "/" ? [".zmetadata"] : [];
    const names = zarrFormat === 3 ? ["zarr.json"] : [own, ".zattrs", ...consolidated];
    for (const name of names) yield { key: joinKey(path, name), atMost: document };
  }
  for (const node of arrays) {
    const atMost = objectBound(node.array);
    for (const position of positionsOf(gridOf(node))) {
      yield { key: joinKey(node.path, formatChunkKey(position, node.array.chunkKey)), atMost };
    }
  }
}
