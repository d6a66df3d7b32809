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
import { createThrottle, parentKey } from "@ozx/core/container";
import {
  checkRequestable,
  countElements,
  itemSizeOf,
  memoize,
  omeVersionOf,
  omitMember,
} from "@ozx/core/internal";
import {
  collectStoredPositions,
  possiblePositions,
  type StoredPositions,
} from "../chunks/stored-positions.js";
import { comparableAttributes, firstDifference, isDowngradeOf, withoutLevels } from "./compare-attributes.js";
import { planComparison } from "./compare-values.js";
import { withNodesOf } from "./listed-by-other.js";

/** One difference between two hierarchies. */
export interface Difference {
  readonly kind: "missing" | "metadata" | "values" | "bytes";
  readonly path: AbsolutePath;
  /** What differs, in a sentence that names both sides. */
  readonly message: string;
}

/** Options of `verifyStores` and `verifyBytes`. */
export interface VerifyOptions extends ReadOptions {
  /** Levels that were added to the images of the right store: they are ignored. */
  readonly added?: readonly AbsolutePath[] | undefined;
  /** Groups of the right store whose OME-Zarr metadata the left one lacks: it is ignored. */
  readonly described?: readonly AbsolutePath[] | undefined;
  /** Where chunks are decompressed; in the calling thread by default. Its owner closes it. */
  readonly workers?: ChunkWorkers | undefined;
  /** Called during the comparison with the bytes compared so far, and in total: of decoded pixels, or of values. */
  readonly onProgress?: ((done: { readonly bytes: number; readonly total: number }) => void) | undefined;
}

/**
 * Compares two images, and yields their differences: nodes that only one has, metadata that differs (that of earlier
 * versions is compared as the 0.5 it would become), and for each array the first pixel in C order that differs. The shape, sharding and
 * compression of chunks do not matter. Chunks with the same bytes in both are not decoded, so damage that both share is
 * not a difference. A store that cannot be listed is also searched for the nodes that only the other one names.
 *
 * @throws InvalidMetadataError, UnsupportedError, CorruptDataError if metadata or pixels of one of them cannot be read
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
  const described = new Set(options.described);
  const ofAdded = withAncestors(added);
  for (const difference of missingNodes(rightNodes, leftNodes)) {
    if (!ofAdded.has(difference.path) && !described.has(difference.path)) yield difference;
  }
  const pairs: [ArrayNode, ArrayNode][] = [];
  const pause = createThrottle();
  for (const [path, one] of leftNodes.nodes) {
    await pause();
    options.signal?.throwIfAborted();
    const other = rightNodes.nodes.get(path);
    if (other === undefined) continue;
    const difference = compareNodes(one, other, { left: leftNodes, right: rightNodes, added, described });
    if (difference !== undefined) yield difference;
    else if (one.kind === "array" && other.kind === "array") pairs.push([one, other]);
  }
  const [leftObjects, rightObjects] = await Promise.all([
    storedObjectsIn(
      left,
      leftNodes,
      pairs.map(([one]) => one),
      options,
    ),
    storedObjectsIn(
      right,
      rightNodes,
      pairs.map(([, other]) => other),
      options,
    ),
  ]);
  const planned = pairs.map(([one, other]) => {
    const sides = [
      { store: left, node: one, objects: leftObjects(one) },
      { store: right, node: other, objects: rightObjects(other) },
    ] as const;
    return { sides, weight: Math.max(...sides.map(storedBytes)) };
  });
  const total = planned.reduce((sum, { weight }) => sum + weight, 0);
  let before = 0;
  for (const { sides, weight } of planned) {
    const [one, other] = sides;
    const comparison = await planComparison(one, other, options);
    let done = 0;
    const difference = await comparison.firstDifference((elements) => {
      done += elements;
      const bytes = before + weight * Math.min(1, done / comparison.elements);
      options.onProgress?.({ bytes: Math.round(bytes), total });
    });
    before += weight;
    if (difference === undefined) continue;
    const { position, left: a, right: b, part } = difference;
    const at = position.length === 0 ? "" : ` first at (${position.join(", ")})`;
    const where = part === undefined ? at : `${at} in its ${part}`;
    const { path } = one.node;
    yield {
      kind: "values",
      path,
      message: `${path} differs${where}: ${formatCompared(a)} in ${left.name}, ${formatCompared(b)} in ${right.name}.`,
    };
  }
}

/** Which chunks (or shards) of arrays a store has: those that it lists, or, where it cannot list, all that there can be. */
async function storedObjectsIn(
  store: Store,
  hierarchy: Hierarchy,
  arrays: readonly ArrayNode[],
  { signal }: ReadOptions,
): Promise<(node: ArrayNode) => StoredPositions> {
  if (store.unlisted !== undefined) {
    checkRequestable(arrays, store.name);
    return possiblePositions;
  }
  if (arrays.length === 0) return possiblePositions;
  const objects = await collectStoredPositions(store.list({ signal }), hierarchy, arrays);
  return (node) => objects.get(node.path) ?? possiblePositions(node);
}

/** The bytes of the decoded chunks that are stored of an array, or may be. */
function storedBytes({
  node: { array },
  objects,
}: {
  readonly node: ArrayNode;
  readonly objects: StoredPositions;
}): number {
  const stored = objects.size * countElements(array.shardShape ?? array.chunkShape);
  return Math.min(stored, countElements(array.shape)) * bytesPerElement(array);
}

/** Nodes that one hierarchy has and the other lacks. Empty groups are ignored if the other has nodes below: Zarr v2 may omit them. */
function* missingNodes(having: Hierarchy, lacking: Hierarchy): Generator<Difference> {
  const above = memoize(() => withAncestors(lacking.nodes.keys()));
  for (const [path, node] of having.nodes) {
    if (lacking.nodes.has(path)) continue;
    if (node.kind === "group" && Object.keys(node.attributes).length === 0 && above().has(path)) continue;
    yield {
      kind: "missing",
      path,
      message: `${path} is ${node.kind === "array" ? "an array" : "a group"} in ${having.location} and missing in ${lacking.location}.`,
    };
  }
}

/** The paths, and those of all nodes above them. */
function withAncestors(paths: Iterable<AbsolutePath>): ReadonlySet<AbsolutePath> {
  const all = new Set<AbsolutePath>();
  for (const path of paths) {
    for (let at = path; !all.has(at); at = parentKey(at)) all.add(at);
  }
  return all;
}

interface ComparedHierarchies {
  readonly left: Hierarchy;
  readonly right: Hierarchy;
  readonly added: ReadonlySet<AbsolutePath>;
  readonly described: ReadonlySet<AbsolutePath>;
}

function compareNodes(
  one: ZarrNode,
  other: ZarrNode,
  { left, right, added, described }: ComparedHierarchies,
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
  ]
    .map((attributes) => (added.size === 0 ? attributes : withoutLevels(attributes, one.path, added)))
    .map((attributes) => (described.has(one.path) ? omitMember(attributes, "ome") : attributes));
  const member = firstDifference(compared[0], compared[1]);
  if (member === undefined || isDowngradeOf(one, other, [left, right])) return undefined;
  return {
    kind: "metadata",
    path: one.path,
    message: `The attributes of ${one.path} differ in ${member} between ${left.location} and ${right.location}.`,
  };
}

/** `|O`, which v2 uses for strings, is `string` in v3. */
function typeName({ array }: ArrayNode): string {
  return array.dtype === "|O" ? "string" : array.dtype;
}

/** Strings have no fixed size; they are counted as one byte. */
function bytesPerElement({ dtype }: ArrayDescription): number {
  return itemSizeOf(dtype) ?? 1;
}

function formatCompared(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  return typeof value === "bigint" || typeof value === "number" ? String(value) : JSON.stringify(value);
}
