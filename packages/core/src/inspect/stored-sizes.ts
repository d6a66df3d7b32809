import type { ReadOptions } from "../bytes/source-and-sink.js";
import type { AbsolutePath, Store } from "../store/store.js";
import { parentKey } from "../store/store-keys.js";
import { NODE_DOCUMENTS } from "../zarr/read-hierarchy.js";
import type { Hierarchy } from "../zarr/zarr-node.js";

/** What one array takes in its store. */
export interface StoredArray {
  /** How many chunks, or shards, are stored; those of nothing but the fill value often are not. */
  readonly objects: number;
  readonly bytes: number;
}

/** What a hierarchy takes in its store. */
export interface StoredSizes {
  /** Null where the store cannot be listed, as on a server. */
  readonly entries: number | null;
  /** Of all entries: metadata, chunks, and what belongs to no array. Null where the store cannot be listed. */
  readonly bytes: number | null;
  /** One for each array of the hierarchy; none where the store cannot be listed. */
  readonly arrays: ReadonlyMap<AbsolutePath, StoredArray>;
}

/**
 * Adds up the sizes of what is stored, array by array, in one pass over the store's listing. Nothing is kept of
 * an entry, so millions of them take no memory.
 */
export async function measureStored(
  store: Store,
  hierarchy: Hierarchy,
  options?: ReadOptions,
): Promise<StoredSizes> {
  if (store.unlisted !== undefined) return { entries: null, bytes: null, arrays: new Map() };
  const arrays = new Map<AbsolutePath, { objects: number; bytes: number }>();
  for (const node of hierarchy.nodes.values()) {
    if (node.kind === "array") arrays.set(node.path, { objects: 0, bytes: 0 });
  }
  const total = { entries: 0, bytes: 0 };
  // Chunks of one array mostly come one after the other, and no array lies in another one.
  let folder = "/";
  let owner: { objects: number; bytes: number } | undefined;
  for await (const { key, size } of store.list({ signal: options?.signal })) {
    total.entries++;
    total.bytes += size;
    if (owner === undefined || !key.startsWith(folder)) {
      const path = ownerOf(key, arrays) ?? "/";
      owner = arrays.get(path);
      folder = path === "/" ? path : `${path}/`;
    }
    if (owner === undefined || isDocument(key)) continue;
    owner.objects++;
    owner.bytes += size;
  }
  return { ...total, arrays };
}

/** The array that a key lies in. */
function ownerOf(key: AbsolutePath, arrays: ReadonlyMap<AbsolutePath, unknown>): AbsolutePath | undefined {
  for (let path = parentKey(key); ; path = parentKey(path)) {
    if (arrays.has(path)) return path;
    if (path === "/") return undefined;
  }
}

function isDocument(key: AbsolutePath): boolean {
  return NODE_DOCUMENTS.some(
    (name) => key.endsWith(name) && key.charCodeAt(key.length - name.length - 1) === SLASH,
  );
}

const SLASH = 0x2f;
