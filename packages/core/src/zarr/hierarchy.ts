import type { ReadOptions } from "../bytes/byte-source.js";
import { isOzxError } from "../errors.js";
import { withFastGets } from "../store/fast-gets.js";
import { compareKeys, keyName, parentKey } from "../store/keys.js";
import { memoryStore } from "../store/memory.js";
import { readAhead } from "../store/read-ahead.js";
import type { AbsolutePath, Store } from "../store/store.js";
import type { BrokenNode, Hierarchy, ZarrNode } from "./node.js";
import { readNode } from "./read-node.js";

/** The names of the documents that make a folder a Zarr node. */
export const NODE_DOCUMENTS: readonly string[] = ["zarr.json", ".zarray", ".zgroup", ".zattrs"];

export interface HierarchyOptions extends ReadOptions {
  /** Every key of the store, for callers who have listed it: it is not listed again then. */
  readonly keys?: readonly AbsolutePath[] | undefined;
}

/**
 * Reads the metadata of every node of a store, some dozens at once: of those that it lists, or, where it cannot
 * be listed, of those that its metadata names. A node that cannot be understood goes to
 * `broken`; the others are not spoiled by it.
 */
export async function readHierarchy(store: Store, options?: HierarchyOptions): Promise<Hierarchy> {
  const paths = new Set<AbsolutePath>();
  const documents = await store.unlisted?.documents(options);
  if (documents !== undefined) {
    for (const key of documents.keys()) paths.add(parentKey(key));
    return readNodes(memoryStore(new Map(documents), store.name), paths, options);
  }
  if (options?.keys !== undefined) {
    for (const key of options.keys) if (NODE_DOCUMENTS.includes(keyName(key))) paths.add(parentKey(key));
  } else {
    for await (const { key } of store.list({ names: NODE_DOCUMENTS, signal: options?.signal })) {
      paths.add(parentKey(key));
    }
  }
  return readNodes(store, paths, options);
}

/** Reads the nodes at the given paths into a hierarchy. */
export async function readNodes(
  store: Store,
  paths: Iterable<AbsolutePath>,
  options?: ReadOptions,
): Promise<Hierarchy> {
  const sorted = [...paths].sort(compareKeys);
  const fast = withFastGets(store);
  const nodes = new Map<AbsolutePath, ZarrNode>();
  const broken: BrokenNode[] = [];
  const read = (path: AbsolutePath): Promise<ZarrNode | BrokenNode | undefined> =>
    readOrBroken(fast, path, options);
  for await (const result of readAhead(sorted, CONCURRENT_READS, read)) {
    if (result?.kind === "broken") broken.push(result);
    else if (result !== undefined) nodes.set(result.path, result);
  }
  return { location: store.name, nodes, broken };
}

const CONCURRENT_READS = 32;

async function readOrBroken(
  store: Store,
  path: AbsolutePath,
  options?: ReadOptions,
): Promise<ZarrNode | BrokenNode | undefined> {
  try {
    return await readNode(store, path, options);
  } catch (error) {
    if (!isOzxError(error)) throw error;
    return { kind: "broken", path, error };
  }
}
