import type { OzxError } from "../errors.js";
import type { AbsolutePath } from "../store/store.js";
import { parentKey } from "../store/store-keys.js";
import type { JsonObject } from "./json.js";

export type ZarrFormat = 2 | 3;

/** What the metadata of an array says, the same for Zarr v2 and v3. */
export interface ArrayDescription {
  readonly shape: readonly number[];
  /** The smallest unit that is compressed on its own: for a sharded array the inner chunk. */
  readonly chunkShape: readonly number[];
  /** The shape that one stored object covers, for sharded arrays. */
  readonly shardShape: readonly number[] | undefined;
  /** By its Zarr v3 name (`uint16`) where it has one, otherwise as the v2 document spells it (`|S5`). */
  readonly dtype: string;
  /** Compressors and filters in the order of encoding, by name; those inside shards for a sharded array. */
  readonly codecs: readonly JsonObject[];
  /** v3 only. */
  readonly dimensionNames: readonly (string | null)[] | undefined;
  /** How a chunk's position becomes a key below the array: `c/0/0`, `0.0`. */
  readonly chunkKey: { readonly prefix: "c" | ""; readonly separator: "/" | "." };
  readonly fillValue: unknown;
}

interface NodeBase {
  readonly path: AbsolutePath;
  readonly zarrFormat: ZarrFormat;
  readonly attributes: JsonObject;
  /** The metadata document: `zarr.json`, `.zarray` or `.zgroup`. */
  readonly document: JsonObject;
}

export interface GroupNode extends NodeBase {
  readonly kind: "group";
}

export interface ArrayNode extends NodeBase {
  readonly kind: "array";
  readonly array: ArrayDescription;
}

/** A node whose metadata cannot be understood; its neighbours are not spoiled by it. */
export interface BrokenNode {
  readonly kind: "broken";
  readonly path: AbsolutePath;
  readonly error: OzxError;
}

export type ZarrNode = GroupNode | ArrayNode;

/** All nodes of a hierarchy, each before the nodes below it, in the order of `compareKeys`. */
export interface Hierarchy {
  /** The store's name. */
  readonly location: string;
  readonly nodes: ReadonlyMap<AbsolutePath, ZarrNode>;
  readonly broken: readonly BrokenNode[];
}

interface HierarchyIndex {
  readonly broken: ReadonlyMap<AbsolutePath, BrokenNode>;
  readonly children: ReadonlyMap<AbsolutePath, readonly AbsolutePath[]>;
}

/** Archives have a hundred thousand nodes, so none of them is looked for by going through all. */
const INDICES = new WeakMap<Hierarchy, HierarchyIndex>();

function indexOf(hierarchy: Hierarchy): HierarchyIndex {
  const known = INDICES.get(hierarchy);
  if (known !== undefined) return known;
  const children = new Map<AbsolutePath, AbsolutePath[]>();
  for (const path of hierarchy.nodes.keys()) {
    if (path === "/") continue;
    const siblings = children.get(parentKey(path));
    if (siblings === undefined) children.set(parentKey(path), [path]);
    else siblings.push(path);
  }
  const broken = new Map(hierarchy.broken.map((node) => [node.path, node]));
  const index = { broken, children };
  INDICES.set(hierarchy, index);
  return index;
}

/** The node at a path that is there but cannot be understood. */
export function brokenNodeAt(hierarchy: Hierarchy, path: AbsolutePath): BrokenNode | undefined {
  return indexOf(hierarchy).broken.get(path);
}

/** The nodes directly below a path, in the hierarchy's order. */
export function childrenOf(hierarchy: Hierarchy, path: AbsolutePath): readonly AbsolutePath[] {
  return indexOf(hierarchy).children.get(path) ?? [];
}

/**
 * The position of the chunk (or shard) that a key below an array belongs to, or undefined when the key is no
 * chunk key of that array. `key` is relative to the array: `c/0/1`, `0.1`.
 */
export function parseChunkKey(
  key: string,
  { chunkKey, shape }: Pick<ArrayDescription, "chunkKey" | "shape">,
): number[] | undefined {
  const { prefix, separator } = chunkKey;
  if (shape.length === 0) return key === (prefix === "c" ? "c" : "0") ? [] : undefined;
  let rest = key;
  if (prefix === "c") {
    if (!rest.startsWith(`c${separator}`)) return undefined;
    rest = rest.slice(2);
  }
  const parts = rest.split(separator);
  if (parts.length !== shape.length || !parts.every((part) => INDEX.test(part))) return undefined;
  return parts.map(Number);
}

/** The key, relative to its array, of the chunk (or shard) at a position. */
export function formatChunkKey(position: readonly number[], chunkKey: ArrayDescription["chunkKey"]): string {
  const { prefix, separator } = chunkKey;
  if (position.length === 0) return prefix === "c" ? "c" : "0";
  const indices = position.join(separator);
  return prefix === "c" ? `c${separator}${indices}` : indices;
}

const INDEX = /^(?:0|[1-9]\d{0,14})$/;
