import type { AbsolutePath, AsyncReadable, RangeQuery } from "zarrita";
import type { ReadOptions } from "../bytes/source-and-sink.js";
import type { Finding } from "../findings.js";

export type { AbsolutePath, RangeQuery };

/** A key that exists in a store, and how many bytes `get` would return for it. */
export interface StoreEntry {
  readonly key: AbsolutePath;
  readonly size: number;
}

export interface ListOptions extends ReadOptions {
  /** Only keys below this node, as in `/labels`; the root by default. */
  readonly prefix?: AbsolutePath | undefined;
  /** Only keys whose last segment is one of these, as in `["zarr.json"]`; every key by default. */
  readonly names?: readonly string[] | undefined;
}

/**
 * A read-only set of keys and values that holds one Zarr hierarchy: a folder, an archive, a URL. It is a
 * zarrita `AsyncReadable`, so zarrita and all that is built on it read arrays from any `Store`.
 *
 * Keys start with `/` and are relative to the hierarchy's root. Nothing shares a cursor: any number of calls
 * may run at once.
 */
export interface Store extends AsyncReadable {
  /** What to call it in messages: the path or URL as it was given. */
  readonly name: string;
  /** The id of the `StoreFormat`, as in `directory` or `zip`. */
  readonly format: string;
  /** What a tolerant reader had to overlook while opening. */
  readonly findings: readonly Finding[];
  /** The value, or undefined where the key does not exist. */
  get(key: AbsolutePath, options?: ReadOptions): Promise<Uint8Array | undefined>;
  /** Part of the value in a buffer of its own, cut to what exists; undefined where the key does not exist. */
  getRange(key: AbsolutePath, range: RangeQuery, options?: ReadOptions): Promise<Uint8Array | undefined>;
  /** The value piece by piece, for values larger than memory; undefined where the key does not exist. */
  stream(key: AbsolutePath, options?: ReadOptions): Promise<ReadableStream<Uint8Array> | undefined>;
  /** Every key that `get` answers, once, in an order that does not change from call to call. */
  list(options?: ListOptions): AsyncIterable<StoreEntry>;
  /**
   * Present where the platform can read at once (files in Node): fills `target` with the value from its start
   * on and returns how many bytes that were, 0 where the key does not exist. Blocking reads of small values
   * are 3 to 6 times faster than asynchronous ones, so writers use them; see `perf/RESULTS.md`.
   */
  readSync?(key: AbsolutePath, target: Uint8Array): number;
  /**
   * Present where, besides, values can be read at once piece by piece: opens one to be read from its start. Undefined
   * where the key does not exist, or where only `stream` can read it so (what is compressed). A checksum is checked
   * with the last piece, as `stream` does.
   */
  openSync?(key: AbsolutePath): BlockingReader | undefined;
  /** Present where it can be told whether values are still what they were, without reading them. */
  fingerprint?(keys: Iterable<AbsolutePath>, options?: ReadOptions): Promise<StoreFingerprint>;
  /** Present where keys cannot be listed, as on servers: `list` throws `UnsupportedError` there. */
  readonly unlisted?: UnlistedStore | undefined;
  /** Present where another thread or process can open the same store for itself: what it needs to do so. */
  descriptor?(): StoreDescriptor;
  close(): Promise<void>;
}

/** What values were when {@link Store.fingerprint} looked. */
export interface StoreFingerprint {
  /** A short text, another one when one of the values has changed, and for other values, as those of another channel. */
  readonly text: string;
  /** When the last of them was changed, in milliseconds since 1970; undefined where that is not known. */
  readonly newest?: number | undefined;
}

/** What a store that cannot be listed knows instead. */
export interface UnlistedStore {
  /**
   * The metadata documents of all nodes that the hierarchy's own metadata names, by their keys; with a `prefix` those
   * of that node, and of what it names below itself.
   */
  documents(options?: Omit<ListOptions, "names">): Promise<ReadonlyMap<AbsolutePath, Uint8Array>>;
  /** Length of a value in bytes; undefined where the key does not exist. */
  size(key: AbsolutePath, options?: ReadOptions): Promise<number | undefined>;
}

/** Says how to open a store again, elsewhere: plain data, for `structuredClone` and (but for `shared`) JSON. */
export interface StoreDescriptor {
  /** The id of the `StoreFormat`, or `directory`. */
  readonly format: string;
  /** The path or address that the store was opened from. */
  readonly location: string;
  /** What the file must still be when it is opened again, in words of the store's own; undefined for folders. */
  readonly version?: string | undefined;
  /** The folder inside a container that is the root of the store; its own root when undefined. */
  readonly root?: string | undefined;
  /** What is taken of it, the first view first; the whole store when undefined. */
  readonly views?: readonly ViewDescriptor[] | undefined;
  /** What was parsed already, in `SharedArrayBuffer`s, for threads of this process; JSON leaves it out. */
  readonly shared?: unknown;
}

/** Reads one value from its start to its end, with a position of its own. */
export interface BlockingReader {
  /** Fills `target` with what comes next and returns how many bytes that were: fewer than it holds at the end only. */
  read(target: Uint8Array): number;
  close(): void;
}

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
