import type { ReadOptions } from "../bytes/byte-source.js";
import type { AbsolutePath, Store } from "./store.js";

/** An entry that is to be written, its size known beforehand. */
export interface EntryInput {
  readonly key: AbsolutePath;
  /** Length in bytes. */
  readonly size: number;
  /** The bytes themselves, the key in the job's source whose value they are, or such one after the other. */
  readonly content: Uint8Array | AbsolutePath | readonly Piece[];
}

/** A part of an entry: bytes, or a whole value of the job's source. */
export type Piece = Uint8Array | { readonly key: AbsolutePath; readonly size: number };

/** All that a target is asked to hold, in one call: nothing more comes later. */
export interface WriteJob {
  /** Where contents that are keys are read from. */
  readonly source: Store;
  /** No key twice. A target may write them in another order. */
  readonly entries: readonly EntryInput[];
}

/** What is done so far; totals are in the job. */
export interface Progress {
  readonly entries: number;
  readonly bytes: number;
}

export interface WriteOptions extends ReadOptions {
  /** Called as data moves, at most some hundred times a second. */
  readonly onProgress?: ((done: Progress) => void) | undefined;
}

/** A place that takes a whole hierarchy: a new folder, a new archive. */
export interface StoreTarget {
  /** What to call it in messages. */
  readonly name: string;
  /**
   * Writes all entries, or none: when it throws, the destination is as it was.
   *
   * @throws SourceChangedError when an entry's size is not what the job says
   * @throws WriteFailedError when the destination cannot be written
   */
  write(job: WriteJob, options?: WriteOptions): Promise<void>;
}
