import { type AbsolutePath, type Hierarchy, type ReadOptions, readHierarchy, type Store } from "@ozx/core";
import { readAhead } from "@ozx/core/container";
import { listEntries, omeXmlKey, readNodes } from "@ozx/core/internal";

/** Keys that are requested at once. */
const REQUESTS_AT_ONCE = 32;

/**
 * Adds nodes of another hierarchy to that of a store which cannot be listed: those that the store has although its own
 * metadata does not name them.
 */
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

/** The sizes of all values of a store by their keys: of those that it lists, or else of those that its metadata names. */
export async function sizesOf(store: Store, options?: ReadOptions): Promise<Map<AbsolutePath, number>> {
  const sizes = new Map<AbsolutePath, number>();
  const entries =
    store.unlisted === undefined
      ? store.list({ signal: options?.signal })
      : listEntries(store, await readHierarchy(store, options), { ...options, also: [omeXmlKey("/")] });
  for await (const { key, size } of entries) sizes.set(key, size);
  return sizes;
}

/**
 * Adds sizes for a store that cannot be listed: of values that the other store has, and that this one has although its
 * metadata does not name them.
 */
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
  for await (const { key, size } of readAhead(unknown, REQUESTS_AT_ONCE, ask)) {
    options?.signal?.throwIfAborted();
    if (size !== undefined) sizes.set(key, size);
  }
}
