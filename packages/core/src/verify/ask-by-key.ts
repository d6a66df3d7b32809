import { readAhead } from "../bytes/concurrency.js";
import type { ReadOptions } from "../bytes/source-and-sink.js";
import { omeXmlKey } from "../ome/read-ome.js";
import type { AbsolutePath, Store } from "../store/store.js";
import { listEntries } from "../zarr/array-keys.js";
import { readHierarchy, readNodes } from "../zarr/read-hierarchy.js";
import type { Hierarchy } from "../zarr/zarr-node.js";

/**
 * What a store that cannot be listed has of the things that another one names: asked for by key, since what its own
 * metadata does not name may be there all the same.
 *
 * @module
 */

const QUESTIONS_AT_ONCE = 32;

/** The hierarchy of a store, with the nodes of another one that its metadata does not name and that it has. */
export async function withNodesOf(
  other: Hierarchy,
  store: Store,
  hierarchy: Hierarchy,
  options?: ReadOptions,
): Promise<Hierarchy> {
  if (store.unlisted === undefined) return hierarchy;
  const known = new Set([...hierarchy.nodes.keys(), ...hierarchy.broken.map(({ path }) => path)]);
  const unknown = [...other.nodes.keys()].filter((path) => !known.has(path));
  const { nodes, broken } = await readNodes(store, unknown, options);
  return {
    ...hierarchy,
    nodes: new Map([...hierarchy.nodes, ...nodes]),
    broken: [...hierarchy.broken, ...broken],
  };
}

/** The sizes of all values of a store by their keys: those that it lists, or those that its metadata names. */
export async function sizesOf(store: Store, options?: ReadOptions): Promise<Map<AbsolutePath, number>> {
  const sizes = new Map<AbsolutePath, number>();
  const entries =
    store.unlisted === undefined
      ? store.list({ signal: options?.signal })
      : listEntries(store, await readHierarchy(store, options), options, [omeXmlKey("/")]);
  for await (const { key, size } of entries) sizes.set(key, size);
  return sizes;
}

/** Adds the sizes of values that another store has, and that this one has without naming them. */
export async function addSizesOf(
  other: ReadonlyMap<AbsolutePath, number>,
  store: Store,
  sizes: Map<AbsolutePath, number>,
  options?: ReadOptions,
): Promise<void> {
  const { unlisted } = store;
  if (unlisted === undefined) return;
  const unknown = [...other.keys()].filter((key) => !sizes.has(key));
  const ask = async (key: AbsolutePath) => ({ key, size: await unlisted.size(key, options) });
  for await (const { key, size } of readAhead(unknown, QUESTIONS_AT_ONCE, ask)) {
    options?.signal?.throwIfAborted();
    if (size !== undefined) sizes.set(key, size);
  }
}
