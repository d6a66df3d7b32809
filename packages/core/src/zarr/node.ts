import type { OzxError } from "../errors.js";
import type { AbsolutePath } from "../store/store.js";
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
