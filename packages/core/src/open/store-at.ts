import type { ReadOptions } from "../bytes/source-and-sink.js";
import { NotFoundError, UsageError } from "../errors.js";
import type { OmeNode } from "../ome/model.js";
import { resolvePath } from "../ome/ome-metadata.js";
import { readOmeInSlices } from "../ome/read-ome.js";
import type { AbsolutePath, Store } from "../store/store.js";
import { isBelow, joinKey, keyName, parentKey } from "../store/store-keys.js";
import { viewStore } from "../store/view-store.js";
import { NODE_DOCUMENTS, readNodes } from "../zarr/read-hierarchy.js";
import { readZarrNode } from "../zarr/read-node.js";
import { storedPath } from "../zarr/stored-path.js";

/**
 * A store whose root is a node of another store's hierarchy, such as a well of a plate or one image of a collection.
 * Nothing outside of that node is read. Closing it closes the other store.
 *
 * @param path relative to the source's root, as in `B/03`
 * @throws UsageError for a path that leads out of the source
 * @throws NotFoundError when there is no such node, naming those that exist
 * @throws InvalidMetadataError when the node cannot be understood
 */
export async function storeAt(source: Store, path: string, options?: ReadOptions): Promise<Store> {
  const root = resolvePath("/", path);
  if (root === undefined) {
    throw new UsageError(`the path ${path} leads out of ${source.name}: give one inside of it, as in B/03`);
  }
  if (root === "/") return source;
  const stored = await storedNode(source, root, options);
  if (stored === undefined) throw await noSuchNode(source, root, options);
  return viewStore(source, `${source.name}${stored}`, { root: stored });
}

/** The path of a node, whose names may be stored in another normal form of Unicode than they are typed in. */
async function storedNode(
  source: Store,
  path: AbsolutePath,
  options?: ReadOptions,
): Promise<AbsolutePath | undefined> {
  if ((await readZarrNode(source, path, options)) !== undefined) return path;
  const above = parentKey(path);
  const parent = above === "/" ? above : ((await storedNode(source, above, options)) ?? above);
  const children = await childrenOf(source, parent, options);
  const known = new Map(children.map((child) => [child, child]));
  const stored = storedPath(known, joinKey(parent, keyName(path)));
  return known.has(stored) ? stored : undefined;
}

/** The paths to suggest below an existing node: wells of a plate, series, label images, otherwise its children. */
export async function pathsFrom(
  source: Store,
  path: AbsolutePath,
  options?: ReadOptions,
): Promise<AbsolutePath[]> {
  const groups = ["OME", "labels"].map((name) => joinKey(path, name));
  const hierarchy = await readNodes(source, [path, ...groups], options);
  const node = hierarchy.nodes.has(path) ? await readOmeInSlices(hierarchy, path, options) : undefined;
  const named = node === undefined ? [] : namedBy(node);
  return named.length > 0 ? named : childrenOf(source, path, options);
}

/** Up to six paths for a message, without their first slash, and how many more there are. */
export function formatPaths(paths: readonly AbsolutePath[]): string {
  const first = paths.slice(0, 6).map((path) => path.slice(1));
  const more = paths.length - first.length;
  return more > 0 ? `${first.join(", ")} and ${more} more` : first.join(", ");
}

function namedBy(node: OmeNode): AbsolutePath[] {
  switch (node.kind) {
    case "plate":
      return node.wells.map(({ path }) => path);
    case "well":
      return node.fields.map(({ path }) => path);
    case "bioformats2raw":
    case "scene":
      return [...node.images];
    case "image":
    case "labels":
      return [...node.labels];
    default:
      return [];
  }
}

async function childrenOf(source: Store, path: AbsolutePath, options?: ReadOptions): Promise<AbsolutePath[]> {
  if (source.unlisted !== undefined) return [];
  const children = new Set<AbsolutePath>();
  const listed = source.list({ prefix: path, names: NODE_DOCUMENTS, signal: options?.signal });
  for await (const { key } of listed) {
    for (let node = parentKey(key); isBelow(node, path) && node !== path; node = parentKey(node)) {
      if (parentKey(node) === path) children.add(node);
    }
  }
  return [...children];
}

async function noSuchNode(source: Store, path: AbsolutePath, options?: ReadOptions): Promise<NotFoundError> {
  let above = path;
  let paths: readonly AbsolutePath[] = [];
  do {
    above = parentKey(above);
    if ((await readZarrNode(source, above, options)) !== undefined) {
      paths = await pathsFrom(source, above, options);
    }
  } while (paths.length === 0 && above !== "/");
  const where = above === "/" ? source.name : `${above.slice(1)} in ${source.name}`;
  const there = paths.length > 0 ? `; ${where} has ${formatPaths(paths)}` : "";
  return new NotFoundError(`${source.name} has no image or group ${path.slice(1)}${there}`, {
    location: source.name,
    path,
  });
}
