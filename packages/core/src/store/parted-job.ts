import type { RunRange } from "../bytes/concurrency.js";
import type { ByteSink, ReadOptions } from "../bytes/source-and-sink.js";
import type { FinishedEntry } from "./checkpoints.js";
import type { EntryProducer, WriteOptions } from "./target.js";

/**
 * A job whose container several processes write together, each a part of it. Every one of them plans the same job, and so
 * knows the same layout:
 *
 * ```
 * 0         entries of known sizes: any run of them has its own bytes
 * copied    segments of generated entries, whose sizes are known once they are written
 * then      the index, which is written last
 * ```
 */
export interface PartedJob {
  /** Identifies the layout and everything that the bytes depend on besides the source's state. */
  readonly fingerprint: string;
  /** The number of entries of known sizes. */
  readonly count: number;
  /** Their bytes in the container. */
  readonly copied: number;
  /** About how many bytes the index has. */
  readonly indexBytes: number;
  /** Where entry `index` starts; `copied` for `count`. */
  startOf(index: number): number;
  /** The keys of the source that a run reads. */
  keysOf(run: RunRange): Iterable<`/${string}`>;
  /** Splits the entries into at most `parts` consecutive runs of about equal cost. */
  split(parts: number): readonly RunRange[];
  /**
   * Writes a run of entries to their positions.
   *
   * @returns the checksums of its entries, in their order
   */
  writeRun(run: RunRange, sink: ByteSink, options?: WriteOptions): Promise<Uint32Array>;
  /**
   * Writes the entries of a producer as a segment, from position 0 of the sink; it can stand anywhere in the container.
   *
   * @returns the entries, in their order
   */
  writeSegment(producer: EntryProducer, sink: ByteSink, options?: WriteOptions): Promise<FinishedEntry[]>;
  /** Writes the index, which describes all entries. The sink is not committed. */
  writeIndex(index: PartedIndex, sink: ByteSink, options?: ReadOptions): Promise<void>;
}

/** Where everything is, once all parts are written. */
export interface PartedIndex {
  /** Where the entries of known sizes start; 0 but where an upload needed another order. */
  readonly copiedAt: number;
  /** The checksums of all entries of known sizes. */
  readonly checksums: Uint32Array;
  readonly segments: readonly { readonly position: number; readonly entries: readonly FinishedEntry[] }[];
  /** Where the index starts: behind everything else. */
  readonly position: number;
}
