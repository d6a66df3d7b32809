import {
  type AbsolutePath,
  type ArrayDescription,
  type ArrayNode,
  type ChunkWorkers,
  type Hierarchy,
  type ReadOptions,
  readHierarchy,
  type Store,
  type ZarrNode,
} from "@ozx/core";
import { readAhead } from "@ozx/core/container";
import { itemSizeOf, listEntries, omeVersionOf, omeXmlKey, readNodes } from "@ozx/core/internal";
import { comparableAttributes, firstDifference, isDowngradeOf, withoutLevels } from "./compare-attributes.js";
import { compareValues } from "./compare-values.js";

export interface VerifyOptions extends ReadOptions {
  /** Levels that were added to the images of the right one: they are not looked at. */
  readonly added?: readonly AbsolutePath[] | undefined;
  /** Where chunks are decompressed, as threads of `createChunkWork`; in the calling thread by default. */
  readonly workers?: ChunkWorkers | undefined;
  /** Called as arrays are compared: bytes of decoded pixels so far, and of all. */
  readonly onProgress?: ((done: { readonly bytes: number; readonly total: number }) => void) | undefined;
}

/**
 * Yields every difference between two images: nodes that only one has, metadata that says different things
 * (0.4 is compared as the 0.5 it would become), and for each array the first pixel in C order
 * that differs. How chunks are shaped, sharded and compressed makes no difference; those that are stored with the
 * same bytes in both are not decoded, so damage that both share is none either. A store that cannot be listed is
 * asked for the nodes that only the other one names.
 */
export async function* verifyStores(
  left: Store,
  right: Store,
  options: VerifyOptions = {},
): AsyncGenerator<Difference> {
  const [leftNamed, rightNamed] = await Promise.all([
    readHierarchy(left, options),
    readHierarchy(right, options),
  ]);
  const [leftNodes, rightNodes] = await Promise.all([
    withNodesOf(rightNamed, left, leftNamed, options),
    withNodesOf(leftNamed, right, rightNamed, options),
  ]);
  for (const { error } of [...leftNodes.broken, ...rightNodes.broken]) throw error;
  yield* missingNodes(leftNodes, rightNodes);
  const added = new Set(options.added);
  const isOfAdded = (path: AbsolutePath): boolean =>
    [...added].some((level) => level === path || level.startsWith(`${path}/`));
  for (const difference of missingNodes(rightNodes, leftNodes)) {
    if (!isOfAdded(difference.path)) yield difference;
  }
  const pairs: [ArrayNode, ArrayNode][] = [];
  for (const [path, one] of leftNodes.nodes) {
    const other = rightNodes.nodes.get(path);
    if (other === undefined) continue;
    const difference = compareNodes(one, other, { left: leftNodes, right: rightNodes, added });
    if (difference !== undefined) yield difference;
    else if (one.kind === "array" && other.kind === "array") pairs.push([one, other]);
  }
  const total = pairs.reduce(
    (sum, [{ array }]) => sum + countElements(array.shape) * bytesPerElement(array),
    0,
  );
  let bytes = 0;
  for (const [one, other] of pairs) {
    const onRegion = (elements: number): void => {
      bytes += elements * bytesPerElement(one.array);
      options.onProgress?.({ bytes, total });
    };
    const difference = await compareValues(
      { store: left, node: one },
      { store: right, node: other },
      { signal: options.signal, workers: options.workers, onRegion },
    );
    if (difference === undefined) continue;
    const { position, left: a, right: b, part } = difference;
    const at = position.length === 0 ? "" : ` first at (${position.join(", ")})`;
    const where = part === undefined ? at : `${at} in its ${part}`;
    yield {
      kind: "values",
      path: one.path,
      message: `${one.path} differs${where}: ${formatCompared(a)} in ${left.name}, ${formatCompared(b)} in ${right.name}.`,
    };
  }
}

/** Nodes of one that the other lacks; a group without attributes may be one that Zarr v2 leaves implicit. */
function* missingNodes(having: Hierarchy, lacking: Hierarchy): Generator<Difference> {
  for (const [path, node] of having.nodes) {
    if (lacking.nodes.has(path)) continue;
    if (node.kind === "group" && Object.keys(node.attributes).length === 0 && hasNodesBelow(path, lacking))
      continue;
    yield {
      kind: "missing",
      path,
      message: `${path} is a${node.kind === "array" ? "n array" : " group"} in ${having.location} and missing in ${lacking.location}.`,
    };
  }
}

function hasNodesBelow(path: AbsolutePath, { nodes }: Hierarchy): boolean {
  for (const other of nodes.keys()) if (other.startsWith(`${path}/`)) return true;
  return false;
}

function compareNodes(
  one: ZarrNode,
  other: ZarrNode,
  { left, right, added }: { left: Hierarchy; right: Hierarchy; added: ReadonlySet<AbsolutePath> },
): Difference | undefined {
  const differ = (what: string, a: unknown, b: unknown): Difference => ({
    kind: "metadata",
    path: one.path,
    message: `The ${what} of ${one.path} differs: ${formatCompared(a)} in ${left.location}, ${formatCompared(b)} in ${right.location}.`,
  });
  if (one.kind !== other.kind) return differ("kind", one.kind, other.kind);
  if (one.kind === "array" && other.kind === "array") {
    if (firstDifference(one.array.shape, other.array.shape) !== undefined) {
      return differ("shape", one.array.shape, other.array.shape);
    }
    if (typeName(one) !== typeName(other)) return differ("data type", typeName(one), typeName(other));
  }
  const compared = [
    comparableAttributes(one, left, omeVersionOf(other)),
    comparableAttributes(other, right, omeVersionOf(one)),
  ].map((attributes) => (added.size === 0 ? attributes : withoutLevels(attributes, one.path, added)));
  const member = firstDifference(compared[0], compared[1]);
  if (member === undefined || isDowngradeOf(one, other, [left, right])) return undefined;
  return {
    kind: "metadata",
    path: one.path,
    message: `The attributes of ${one.path} differ in ${member} between ${left.location} and ${right.location}.`,
  };
}

/** Objects that v2 encodes as texts are `string` in v3. */
function typeName({ array }: ArrayNode): string {
  return array.dtype === "|O" ? "string" : array.dtype;
}

function countElements(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Texts have no size of their own; they are few. */
function bytesPerElement({ dtype }: ArrayDescription): number {
  return itemSizeOf(dtype) ?? 1;
}

function formatCompared(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  return typeof value === "bigint" || typeof value === "number" ? String(value) : JSON.stringify(value);
}

/**
 * What a store that cannot be listed has of the things that another one names: asked for by key, since what its own
 * metadata does not name may be there all the same.
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

/** One way in which two hierarchies are not the same. */
export interface Difference {
  readonly kind: "missing" | "metadata" | "values" | "bytes";
  readonly path: AbsolutePath;
  /** What differs, in a sentence that names both sides. */
  readonly message: string;
}
