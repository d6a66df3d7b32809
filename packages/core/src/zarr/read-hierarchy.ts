import { readAhead } from "../bytes/concurrency.js";
import { forEachInSlices, sortInSlices } from "../bytes/slices.js";
import type { ReadOptions } from "../bytes/source-and-sink.js";
import { InvalidMetadataError, isOzxError, UnknownFormatError } from "../errors.js";
import { memoryStore } from "../store/memory-store.js";
import type { AbsolutePath, Store, StoreEntry } from "../store/store.js";
import { compareKeys, isBelow, keyName, parentKey } from "../store/store-keys.js";
import { withFastGets } from "../store/view-store.js";
import { largestDocument, tooLargeDocument } from "./read-document.js";
import { readZarrNode } from "./read-node.js";
import type { BrokenNode, Hierarchy, ZarrNode } from "./zarr-node.js";

/** The file names of the documents that make a folder a Zarr node. */
export const NODE_DOCUMENTS: readonly string[] = ["zarr.json", ".zarray", ".zgroup", ".zattrs"];

/** Options of {@link readHierarchy}. */
export interface HierarchyOptions extends ReadOptions {
  /** Every key of the store, where the caller has listed it already. */
  readonly keys?: readonly AbsolutePath[] | undefined;
  /** Only this node, those below it and those above it; all by default, and where a store cannot be listed. */
  readonly around?: AbsolutePath | undefined;
}

/**
 * Reads the metadata of every node of a store: of all that it lists, or, where it cannot be listed, of those that its
 * metadata names. A node whose metadata is not valid is listed in `broken`.
 */
export async function readHierarchy(store: Store, options?: HierarchyOptions): Promise<Hierarchy> {
  const paths = new Set<AbsolutePath>();
  const large = new Map<AbsolutePath, StoreEntry>();
  const documents = await store.unlisted?.documents(options);
  if (documents !== undefined) {
    for (const key of documents.keys()) paths.add(parentKey(key));
    const named = { ...memoryStore(new Map(documents), store.name), maxMetadata: store.maxMetadata };
    return readNodes(named, paths, options);
  }
  if (options?.keys !== undefined) {
    const add = (key: AbsolutePath): void => {
      if (NODE_DOCUMENTS.includes(keyName(key))) paths.add(parentKey(key));
    };
    await forEachInSlices(options.keys, add, options);
  } else {
    const { around = "/", signal } = options ?? {};
    for (let above = around; above !== "/"; above = parentKey(above)) paths.add(parentKey(above));
    for await (const { key, size } of store.list({ prefix: around, names: NODE_DOCUMENTS, signal })) {
      paths.add(parentKey(key));
      if (size > largestDocument(store)) large.set(parentKey(key), { key, size });
    }
  }
  for (const path of large.keys()) paths.delete(path);
  const hierarchy = await readNodes(store, paths, options);
  if (large.size === 0) return hierarchy;
  const tooLarge = [...large].map(
    ([path, { key, size }]): BrokenNode => ({
      kind: "broken",
      path,
      error: tooLargeDocument(store, key, size),
    }),
  );
  return { ...hierarchy, broken: [...hierarchy.broken, ...tooLarge] };
}

/** Reads the nodes at some paths into a hierarchy. */
export async function readNodes(
  store: Store,
  paths: Iterable<AbsolutePath>,
  options?: ReadOptions,
): Promise<Hierarchy> {
  const sorted = await sortInSlices([...paths], compareKeys, options);
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
    return await readZarrNode(store, path, options);
  } catch (error) {
    // A store that has changed is another one: no other node of it is what it was.
    if (!isOzxError(error) || isOzxError(error, "SourceChanged")) throw error;
    return { kind: "broken", path, error };
  }
}

/**
 * The root of a store's hierarchy: `/`, or the folder that contains all nodes, as in an archive of the folder itself
 * instead of its content.
 *
 * @throws UnknownFormatError when there is no Zarr node
 * @throws InvalidMetadataError when there are several hierarchies side by side
 */
export async function findHierarchyRoot(store: Store, options?: ReadOptions): Promise<AbsolutePath> {
  let roots: AbsolutePath[] = [];
  for await (const { key } of store.list({ ...options, names: NODE_DOCUMENTS })) {
    const node = parentKey(key);
    if (node === "/") return "/";
    // macOS adds a folder to archives in which files have the same names.
    if (key.startsWith("/__MACOSX/") || roots.some((root) => node === root || isBelow(node, root))) continue;
    roots = [...roots.filter((root) => !isBelow(root, node)), node];
  }
  const [root, second] = roots;
  if (root === undefined) {
    throw new UnknownFormatError(
      `${store.name} contains no OME-Zarr: there is no zarr.json and no .zgroup in it`,
      { location: store.name },
    );
  }
  if (second !== undefined) {
    const names = roots.slice(0, 3).map((path) => path.slice(1));
    throw new InvalidMetadataError(
      `${store.name} contains ${roots.length} hierarchies side by side (${names.join(", ")}${roots.length > 3 ? ", …" : ""}): unpack it and convert each on its own`,
      { location: store.name, hierarchies: roots },
    );
  }
  return root;
}
