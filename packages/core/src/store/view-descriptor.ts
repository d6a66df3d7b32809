import type { AbsolutePath } from "./store.js";

/** A view of a store as plain data, to make it again of the same store that was opened elsewhere. */
export interface ViewDescriptor {
  /** What to call it in messages. */
  readonly name: string;
  /** The node of the source that is the view's root. */
  readonly root: AbsolutePath;
  /** What is taken of the hierarchy there; all of it when undefined. */
  readonly part?: PartDescriptor | undefined;
}

/** What is taken of a hierarchy. */
export interface PartDescriptor {
  /** Metadata documents in the place of the source's, by their keys, as text. */
  readonly documents: readonly (readonly [AbsolutePath, string])[];
  /** Nodes that are left out, with all below them. */
  readonly hidden: readonly AbsolutePath[];
  /** Arrays of which a part is taken, by their paths. */
  readonly windows: readonly (readonly [AbsolutePath, ChunkWindow])[];
}

/** The stored objects (chunks, or shards) of an array that are taken, one number an axis. */
export interface ChunkWindow {
  /** The position of the first, which becomes the origin. */
  readonly first: readonly number[];
  /** How many. */
  readonly counts: readonly number[];
  readonly chunkKey: { readonly prefix: "c" | ""; readonly separator: "/" | "." };
}
