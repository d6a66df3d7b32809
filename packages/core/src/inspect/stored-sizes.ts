import type { ReadOptions } from "../bytes/source-and-sink.js";
import type { AbsolutePath, Store } from "../store/store.js";
import { parentKey } from "../store/store-keys.js";
import { NODE_DOCUMENTS } from "../zarr/read-hierarchy.js";
import type { Hierarchy } from "../zarr/zarr-node.js";

/** The stored size of one array. */
export interface StoredArray {
  /** The number of chunks, or shards, that are stored; those that consist of the fill value often are not. */
  readonly objects: number;
  /** Their total size; in formats whose pixels are decoded before they are chunks, that of the pixels in the file. */
  readonly bytes: number;
}

/** The stored sizes of a hierarchy. */
export interface StoredSizes {
  /** The number of entries; null where the store cannot be listed, as on a server. */
  readonly entries: number | null;
  /** The total size of all entries, also of those that belong to no array; null where the store cannot be listed. */
  readonly bytes: number | null;
  /** By the path of each array of the hierarchy; empty where the store cannot be listed. */
  readonly arrays: ReadonlyMap<AbsolutePath, StoredArray>;
  /** As of the store. */
  readonly encodingOf?: Store["encodingOf"];
}

/** Sizes of which nothing is known. */
export const NO_SIZES: StoredSizes = { entries: null, bytes: null, arrays: new Map() };

/**
 * Adds up the sizes of all entries, array by array, in one pass over the store's listing. Entries are not kept, so
 * millions of them take no memory. Of arrays whose chunks are not stored as they are listed, the store tells the size.
 *
 * @throws what listing the store throws
 */
export async function measureStored(
  store: Store,
  hierarchy: Hierarchy,
  options?: ReadOptions,
): Promise<StoredSizes> {
  if (store.unlisted !== undefined) return NO_SIZES;
  const arrays = new Map<AbsolutePath, { objects: number; bytes: number }>();
  for (const node of hierarchy.nodes.values()) {
    if (node.kind === "array") arrays.set(node.path, { objects: 0, bytes: 0 });
  }
  const total = { entries: 0, bytes: 0 };
  // The chunks of an array mostly come one after the other, and arrays are not nested.
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
  for (const [path, sizes] of arrays) {
    const bytes = await store.storedBytesOf?.(path, options);
    if (bytes === undefined) continue;
    total.bytes += bytes - sizes.bytes;
    sizes.bytes = bytes;
  }
  return { ...total, arrays };
}

/** The path of the array that a key belongs to. */
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
