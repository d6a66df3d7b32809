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
import { countElements, itemSizeOf, omeVersionOf, omitMember } from "@ozx/core/internal";
import { comparableAttributes, firstDifference, isDowngradeOf, withoutLevels } from "./compare-attributes.js";
import { compareValues } from "./compare-values.js";
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
  const isOfAdded = (path: AbsolutePath): boolean =>
    [...added].some((level) => level === path || level.startsWith(`${path}/`));
  for (const difference of missingNodes(rightNodes, leftNodes)) {
    if (!isOfAdded(difference.path) && !described.has(difference.path)) yield difference;
  }
  const pairs: [ArrayNode, ArrayNode][] = [];
  for (const [path, one] of leftNodes.nodes) {
    const other = rightNodes.nodes.get(path);
    if (other === undefined) continue;
    const difference = compareNodes(one, other, { left: leftNodes, right: rightNodes, added, described });
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

/** Nodes that one hierarchy has and the other lacks. Empty groups are ignored if the other has nodes below: Zarr v2 may omit them. */
function* missingNodes(having: Hierarchy, lacking: Hierarchy): Generator<Difference> {
  for (const [path, node] of having.nodes) {
    if (lacking.nodes.has(path)) continue;
    if (node.kind === "group" && Object.keys(node.attributes).length === 0 && hasNodesBelow(path, lacking))
      continue;
    yield {
      kind: "missing",
      path,
      message: `${path} is ${node.kind === "array" ? "an array" : "a group"} in ${having.location} and missing in ${lacking.location}.`,
    };
  }
}

function hasNodesBelow(path: AbsolutePath, { nodes }: Hierarchy): boolean {
  for (const other of nodes.keys()) if (other.startsWith(`${path}/`)) return true;
  return false;
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
