import type { AbsolutePath, AsyncReadable, RangeQuery } from "zarrita";
import type { FilePart, FixedRange } from "../bytes/file-part.js";
import type { ReadOptions } from "../bytes/source-and-sink.js";
import type { Finding } from "../findings.js";

export type { AbsolutePath, RangeQuery };

/** An existing key of a store. */
export interface StoreEntry {
  readonly key: AbsolutePath;
  /** How many bytes `get` returns for it. */
  readonly size: number;
}

/** Options of {@link Store.get}. */
export interface ValueOptions extends ReadOptions {
  /**
   * The most bytes that the value may have: `get` throws `CorruptDataError` for a longer one, and reads no more of it. Any
   * number by default, but 2 GiB of what a server sends.
   */
  readonly atMost?: number | undefined;
}

/** Options of {@link Store.list}. */
export interface ListOptions extends ReadOptions {
  /** Only keys below this node, as in `/labels`; the root by default. */
  readonly prefix?: AbsolutePath | undefined;
  /** Only keys whose last segment is one of these, as in `["zarr.json"]`; every key by default. */
  readonly names?: readonly string[] | undefined;
}

/**
 * The keys and values of one Zarr hierarchy, read-only: of a folder, an archive, a URL. It is a zarrita
 * `AsyncReadable`, so zarrita and everything built on it read arrays from any `Store`.
 *
 * Keys start with `/` and are relative to the hierarchy's root. There is no cursor, so any number of calls may run at
 * once.
 */
export interface Store extends AsyncReadable {
  /** The name used in messages: the path or URL as the caller passed it. */
  readonly name: string;
  /** The id of the `StoreFormat`, as in `zip`, or `directory`, `http`, `memory`. */
  readonly format: string;
  /** Faults that were tolerated while opening. */
  readonly findings: readonly Finding[];
  /** The largest metadata document that is read, in bytes; 64 MB when undefined. */
  readonly maxMetadata?: number | undefined;
  /** The value, or undefined where the key does not exist. */
  get(key: AbsolutePath, options?: ValueOptions): Promise<Uint8Array | undefined>;
  /** Part of the value in a new buffer, cut to the bytes that exist; undefined where the key does not exist. */
  getRange(key: AbsolutePath, range: RangeQuery, options?: ReadOptions): Promise<Uint8Array | undefined>;
  /** The value piece by piece, for values larger than memory; undefined where the key does not exist. */
  stream(key: AbsolutePath, options?: ReadOptions): Promise<ReadableStream<Uint8Array> | undefined>;
  /**
   * Every existing key, once, in an order that does not change from call to call.
   *
   * @throws UnsupportedError where keys cannot be listed; see `unlisted`
   */
  list(options?: ListOptions): AsyncIterable<StoreEntry>;
  /**
   * Fills `target` from the start of the value and returns how many bytes that were, 0 where the key does not exist.
   * Undefined where only `get` can read the value for now, as its place in a file is not known yet. Blocking reads of small
   * values are 3 to 6 times faster than asynchronous ones, so writers use them; see `perf/RESULTS.md`. Present where the
   * platform can block (files in Node).
   */
  readSync?(key: AbsolutePath, target: Uint8Array): number | undefined;
  /**
   * Opens a value for blocking reads, piece by piece. Undefined where the key does not exist, or only `stream` can
   * read it (compressed entries). Like `stream`, it checks a checksum with the last piece. Present where the platform
   * can block (files in Node).
   */
  openSync?(key: AbsolutePath): BlockingReader | undefined;
  /**
   * Where a value, or a range of it, lies in a file of this computer, so that threads can read it for themselves.
   * Undefined where that is not known without reading, the bytes are not there as they are (compressed entries), or the
   * key is none. Present where values lie in files.
   */
  locate?(key: AbsolutePath, range?: FixedRange): FilePart | undefined;
  /** Identifies the current state of values, without reading them. Present where the store can tell. */
  fingerprint?(keys: Iterable<AbsolutePath>, options?: ReadOptions): Promise<StoreFingerprint>;
  /**
   * Checks, without reading them, that values are still those that `list` yielded, and that a container is the one that
   * was opened. Writers call it when they have read everything. Present where the store can tell.
   *
   * @param keys all that were listed by default; keys that were not listed are left out
   * @throws SourceChangedError naming a value, or the container, that was changed, replaced or removed
   */
  checkUnchanged?(keys?: Iterable<AbsolutePath>, options?: ReadOptions): Promise<void>;
  /** Replaces `list` where keys cannot be listed, as on servers. */
  readonly unlisted?: UnlistedStore | undefined;
  /**
   * How the chunks of an array are stored where its codecs do not say it, as `LZW, decoded when read`: of formats whose
   * pixels are decoded before they are chunks of Zarr.
   */
  encodingOf?(array: AbsolutePath): string | undefined;
  /**
   * The bytes that the pixels of an array have in its file, where chunks are larger or smaller than what they are made of;
   * undefined where they are as large.
   */
  storedBytesOf?(array: AbsolutePath, options?: ReadOptions): Promise<number | undefined>;
  /** Whether listing takes a read for each chunk, each of which is a request to a server. */
  readonly isListedSlowly?: boolean | undefined;
  /** How another thread or process opens the same store. Present where it can. */
  descriptor?(): StoreDescriptor;
  /** Frees what the store holds, and closes its source; reading afterwards is an error. */
  close(): Promise<void>;
}

/** The state of values at the time of {@link Store.fingerprint}. */
export interface StoreFingerprint {
  /** A short text, which differs when a value has changed, and for other keys. */
  readonly text: string;
  /** The latest modification time, in milliseconds since 1970; undefined where it is not known. */
  readonly newest?: number | undefined;
}

/** The part of `list` that a store without listings can do. */
export interface UnlistedStore {
  /**
   * The metadata documents of all nodes that the hierarchy's own metadata names, by key; with a `prefix`, of that node
   * and those that it names below itself.
   */
  documents(options?: Omit<ListOptions, "names">): Promise<ReadonlyMap<AbsolutePath, Uint8Array>>;
  /**
   * The length of a value in bytes; undefined where the key does not exist.
   *
   * @throws CorruptDataError where it is longer than `atMost`, and the server does not tell without sending it
   */
  size(key: AbsolutePath, options?: ValueOptions): Promise<number | undefined>;
}

/** How another thread or process opens the same store: plain data, for `structuredClone` and (without `shared`) JSON. */
export interface StoreDescriptor {
  /** The id of the `StoreFormat`, or `directory`. */
  readonly format: string;
  /** The path or URL that the store was opened from. */
  readonly location: string;
  /** The version of the file, which must not have changed when it is opened again; undefined for folders. */
  readonly version?: string | undefined;
  /** The folder inside a container that is the store's root; the container's own root when undefined. */
  readonly root?: string | undefined;
  /**
   * Which files of the folder `location` the store is made of: a pattern as in `FolderOptions`, or empty for all of them.
   * Undefined where `location` is not a folder of files.
   */
  readonly files?: string | undefined;
  /** What the planes of a stack are, as `StoreOptions.axes` said when it was opened. */
  readonly axes?: string | undefined;
  /** The views of the store, in the order in which they are applied; none when undefined. */
  readonly views?: readonly ViewDescriptor[] | undefined;
  /** The parsed index in `SharedArrayBuffer`s, for threads of this process. Omit it from JSON. */
  readonly shared?: unknown;
}

/** Reads one value from its start to its end, with a position of its own. */
export interface BlockingReader {
  /** Fills `target` with the next bytes and returns how many there were; fewer than it holds only at the end. */
  read(target: Uint8Array): number;
  /** Frees what the reader holds. */
  close(): void;
}

/** A view of a store as plain data, so that another thread or process can recreate it. */
export interface ViewDescriptor {
  /** The name used in messages. */
  readonly name: string;
  /** The node of the source that is the view's root. */
  readonly root: AbsolutePath;
  /** The part of the hierarchy there; all of it when undefined. */
  readonly part?: PartDescriptor | undefined;
}

/** A part of a hierarchy. */
export interface PartDescriptor {
  /** Metadata documents that replace the source's, by key, as text. */
  readonly documents: readonly (readonly [AbsolutePath, string])[];
  /** Nodes that are omitted, with everything below them. */
  readonly hidden: readonly AbsolutePath[];
  /** Arrays of which only some chunks are selected, by path. */
  readonly windows: readonly (readonly [AbsolutePath, ChunkWindow])[];
}

/** A selection of the stored objects (chunks, or shards) of an array, one number an axis. */
export interface ChunkWindow {
  /** The position of the first, which becomes the origin. */
  readonly first: readonly number[];
  /** How many along each axis. */
  readonly counts: readonly number[];
  /** The array's chunk key encoding. */
  readonly chunkKey: { readonly prefix: "c" | ""; readonly separator: "/" | "." };
}
