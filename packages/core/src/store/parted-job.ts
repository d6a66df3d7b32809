import type { RunRange } from "../bytes/concurrency.js";
import type { ByteSink } from "../bytes/source-and-sink.js";
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
  /** What the index needs besides the entries, as text: see `StoreFormat.writeIndex`. */
  readonly ending: string;
  /** Where entry `index` starts; `copied` for `count`. */
  startOf(index: number): number;
  /** The keys of the source that a run reads. */
  keysOf(run: RunRange): Iterable<`/${string}`>;
  /** Splits the entries into at most `parts` consecutive runs of about equal cost. */
  split(parts: number): readonly RunRange[];
  /**
   * Writes a run of entries to their positions.
   *
   * @returns the entries, in their order
   */
  writeRun(run: RunRange, sink: ByteSink, options?: WriteOptions): Promise<FinishedEntry[]>;
  /**
   * Writes the entries of a producer as a segment, from position 0 of the sink; it can stand anywhere in the container.
   *
   * @returns the entries, in their order
   */
  writeSegment(producer: EntryProducer, sink: ByteSink, options?: WriteOptions): Promise<FinishedEntry[]>;
}

/** Where everything is, once all parts are written. */
export interface PartedIndex {
  /** All entries of known sizes, in their order. */
  readonly copied: FinishedRun;
  readonly segments: readonly FinishedRun[];
  /** Where the index starts: behind everything else. */
  readonly position: number;
  /** As the job says. */
  readonly ending: string;
}

/** Entries that follow each other in the container. */
export interface FinishedRun {
  /** Where the first one starts. */
  readonly position: number;
  readonly entries: readonly FinishedEntry[];
}
