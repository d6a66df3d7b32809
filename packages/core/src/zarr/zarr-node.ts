import type { OzxError } from "../errors.js";
import type { AbsolutePath } from "../store/store.js";
import { parentKey } from "../store/store-keys.js";
import type { JsonObject } from "./json.js";

/** The version of Zarr. */
export type ZarrFormat = 2 | 3;

/** The metadata of an array, in the same form for Zarr v2 and v3. */
export interface ArrayDescription {
  readonly shape: readonly number[];
  /** The shape of what is compressed on its own: the inner chunk of a sharded array. */
  readonly chunkShape: readonly number[];
  /** The shape of a shard; undefined for arrays without shards. */
  readonly shardShape: readonly number[] | undefined;
  /** Its Zarr v3 name (`uint16`) where it has one, otherwise as the v2 document has it (`|S5`). */
  readonly dtype: string;
  /** Filters and compressors in the order of encoding, as in the document; for a sharded array those inside shards. */
  readonly codecs: readonly JsonObject[];
  /** Zarr v3 only. */
  readonly dimensionNames: readonly (string | null)[] | undefined;
  /** How a chunk's position is encoded as a key below the array: `c/0/0`, `0.0`. */
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

/** A Zarr group. */
export interface GroupNode extends NodeBase {
  readonly kind: "group";
}

/** A Zarr array. */
export interface ArrayNode extends NodeBase {
  readonly kind: "array";
  readonly array: ArrayDescription;
}

/** A node whose metadata is not valid. The other nodes are read all the same. */
export interface BrokenNode {
  readonly kind: "broken";
  readonly path: AbsolutePath;
  readonly error: OzxError;
}

/** A node of a hierarchy; switch on `kind`. */
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

/** Hierarchies have a hundred thousand nodes and more, so none is searched for in the list. */
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

/** The node at a path whose metadata is not valid; undefined for all other paths. */
export function brokenNodeAt(hierarchy: Hierarchy, path: AbsolutePath): BrokenNode | undefined {
  return indexOf(hierarchy).broken.get(path);
}

/** The nodes directly below a path, in the hierarchy's order. */
export function childrenOf(hierarchy: Hierarchy, path: AbsolutePath): readonly AbsolutePath[] {
  return indexOf(hierarchy).children.get(path) ?? [];
}

/**
 * The position of the chunk (or shard) that a key stands for, one index an axis; undefined where it is not a chunk key of
 * the array.
 *
 * @param key relative to the array, as in `c/0/1` or `0.1`
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

/** The key of the chunk (or shard) at a position, relative to the array: the inverse of {@link parseChunkKey}. */
export function formatChunkKey(position: readonly number[], chunkKey: ArrayDescription["chunkKey"]): string {
  const { prefix, separator } = chunkKey;
  if (position.length === 0) return prefix === "c" ? "c" : "0";
  const indices = position.join(separator);
  return prefix === "c" ? `c${separator}${indices}` : indices;
}

const INDEX = /^(?:0|[1-9]\d{0,14})$/;
