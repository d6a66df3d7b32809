import type { ReadOptions } from "../bytes/source-and-sink.js";
import type { AbsolutePath, Store } from "./store.js";

/** A destination for a whole hierarchy: a new folder, a new archive. */
export interface StoreTarget {
  /** The name used in messages. */
  readonly name: string;
  /**
   * Writes all entries, or none: when it throws, the destination is unchanged.
   *
   * @throws SourceChangedError when an entry's size is not what the job says
   * @throws WriteFailedError when the destination cannot be written
   */
  write(job: WriteJob, options?: WriteOptions): Promise<void>;
  /**
   * Begins a hierarchy that grows entry by entry, when its entries are not known beforehand. The destination does not
   * change before `commit`.
   */
  begin?(options?: ReadOptions): Promise<EntryWriter>;
}

/** Everything that a target writes in one call of `write`. */
export interface WriteJob {
  /** The store that keys in `entries` refer to. */
  readonly source: Store;
  /** No key twice. A target may write them in another order. */
  readonly entries: readonly EntryInput[];
  /** Keys of the source that the job was planned from, besides those that it reads; none by default. */
  readonly documents?: readonly AbsolutePath[] | undefined;
  /** More entries, which are generated while the job runs and follow all of `entries`. */
  readonly generated?: EntryProducer | undefined;
  /** Whether the root is not OME-Zarr: any Zarr hierarchy, copied as it is. A container of images refuses it otherwise. */
  readonly isPlain?: boolean | undefined;
}

/** An entry to write, of a known size. */
export interface EntryInput {
  readonly key: AbsolutePath;
  /** Length in bytes. */
  readonly size: number;
  /** The bytes themselves, a key of the job's source whose value they are, or several of these to be joined. */
  readonly content: Uint8Array | AbsolutePath | readonly Piece[];
}

/** A part of an entry: bytes, or a whole value of the job's source. */
export type Piece = Uint8Array | { readonly key: AbsolutePath; readonly size: number };

/** Generates entries whose sizes are not known beforehand, such as recompressed chunks. */
export interface EntryProducer {
  /** The largest possible number of entries, for progress and plans. */
  readonly entries: number;
  /** An estimate of their bytes. */
  readonly bytes: number;
  /** A lower bound of their bytes; undefined where none is known. */
  readonly leastBytes?: number | undefined;
  /** An estimate of the largest entry's bytes, where it may be large. */
  readonly largest?: number | undefined;
  /** Present where an interrupted run can be resumed. */
  readonly origin?: ProducerOrigin | undefined;
  /** Producers that give the same entries in the same order one after the other, and do not need each other. */
  parts?(): readonly EntryProducer[];
  /**
   * Generates all entries, each once, always in the same order. May be called again, as after a dry run that measures.
   */
  produce(options?: ProduceOptions): AsyncIterable<GeneratedEntry>;
}

/** What generated entries depend on. */
export interface ProducerOrigin {
  /** Identifies everything that they depend on besides the values of the source: different recipes, different bytes. */
  readonly recipe: string;
  /** The keys of the source that they are generated from. */
  reads(): Iterable<AbsolutePath>;
  /** Whether a key may be one of theirs. */
  owns(key: AbsolutePath): boolean;
}

/** Options of {@link EntryProducer.produce}. */
export interface ProduceOptions extends ReadOptions {
  /** The last entry that an earlier run has written: neither it nor those before it are generated again. */
  readonly after?: AbsolutePath | undefined;
}

/** An entry of an {@link EntryProducer}. */
export interface GeneratedEntry {
  readonly key: AbsolutePath;
  /** The whole value, or, if it is larger than memory, its blocks, each valid until the next one is requested. */
  readonly bytes: Uint8Array | AsyncIterable<Uint8Array>;
}

/** A destination that takes entries one by one; see {@link StoreTarget.begin}. */
export interface EntryWriter {
  /** The name used in messages. */
  readonly name: string;
  /**
   * Writes one entry. Calls may overlap. No key may be added twice.
   *
   * @throws WriteFailedError when the destination cannot be written
   */
  add(entry: GeneratedEntry, options?: ReadOptions): Promise<void>;
  /**
   * Makes all entries durable and moves them to the destination. Call either this or `discard`, once; when this throws,
   * call `discard` too.
   */
  commit(options?: ReadOptions): Promise<void>;
  /** Removes what was written; the destination is unchanged. Never throws. */
  discard(): Promise<void>;
}

/** Entries that become visible together. */
export interface EntryStep {
  /** New values: of chunks, or shards. */
  readonly entries: readonly WholeEntry[];
  /** Metadata documents, which replace those of earlier steps; one that is `fixed` is never replaced. */
  readonly documents: readonly (WholeEntry & { readonly fixed?: boolean | undefined })[];
}

/** An entry whose value is in memory. */
export interface WholeEntry {
  readonly key: AbsolutePath;
  readonly bytes: Uint8Array;
}

/** A destination that is complete after each step, and visible to readers from the first one on. */
export interface StepWriter {
  /** The name used in messages. */
  readonly name: string;
  /**
   * Makes the entries of a step durable and visible, all of them or none. Call it again when it is done.
   *
   * @throws WriteFailedError when the destination cannot be written; it is as it was before the step
   */
  step(step: EntryStep, options?: ReadOptions): Promise<void>;
  /** Ends the output, which stays as it is after the last step. Call either this or `discard`, once. */
  close(): Promise<void>;
  /** Ends the output where something has failed: what earlier steps wrote stays. */
  discard(): Promise<void>;
}

/** An {@link EntryWriter} of what exists: entries are added to it, replaced and removed. */
export interface InPlaceWriter extends EntryWriter {
  /** Removes an entry when the writer is committed, after the others are there. */
  remove(key: AbsolutePath): void;
}

/** How much has been written so far; the totals are in the job. */
export interface Progress {
  readonly entries: number;
  readonly bytes: number;
}

/** Options of {@link StoreTarget.write}. */
export interface WriteOptions extends ReadOptions {
  /** Called as data moves, at most a few hundred times a second. */
  readonly onProgress?: ((done: Progress) => void) | undefined;
  /** Called once, before anything is written, by targets that resume an earlier run. */
  readonly onResume?: ((found: Resumption) => void) | undefined;
  /**
   * How many threads write at once, where target, source and platform can. By default one a processor, and fewer for a
   * small job.
   */
  readonly workers?: number | undefined;
}

/** What a target found to resume. */
export interface Resumption {
  /** The file or folder that is resumed; undefined where there is none of the same job. */
  readonly leftover: string | undefined;
  /** How much of the job it holds. */
  readonly done: Progress;
  /** Whether this run can be resumed in turn: not where the source cannot tell whether it has changed. */
  readonly isResumable: boolean;
}

/** Generated entries that an earlier run has written: the first ones in the producer's order. */
export interface EarlierGenerated {
  /** The key of the last of them. */
  readonly last: AbsolutePath;
  /** How many they are. */
  readonly done: Progress;
}

/** Writes the generated entries of a job, after its other entries, and continues the count of progress. */
export async function writeGenerated(
  { entries, generated }: WriteJob,
  writer: Pick<EntryWriter, "add">,
  options: WriteOptions = {},
  earlier?: EarlierGenerated,
): Promise<void> {
  if (generated === undefined) return;
  const { onProgress } = options;
  const done = {
    entries: entries.length + (earlier?.done.entries ?? 0),
    bytes: entries.reduce((sum, { size }) => sum + size, earlier?.done.bytes ?? 0),
  };
  const counted = async function* (blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const block of blocks) {
      yield block;
      done.bytes += block.length;
      onProgress?.({ ...done });
    }
  };
  for await (const { key, bytes } of generated.produce({ signal: options.signal, after: earlier?.last })) {
    const entry: GeneratedEntry = { key, bytes: bytes instanceof Uint8Array ? bytes : counted(bytes) };
    await writer.add(entry, options);
    done.entries++;
    if (bytes instanceof Uint8Array) done.bytes += bytes.length;
    onProgress?.({ ...done });
  }
}

/** Adds up the progress of several parts. */
export interface ProgressCounter {
  /** Returns the `onProgress` of one more part. */
  within(): (done: Progress) => void;
}

/** A counter that reports the sum of all its parts to `onProgress`. */
export function progressCounter({ onProgress }: WriteOptions): ProgressCounter {
  const total = { entries: 0, bytes: 0 };
  return {
    within() {
      let before: Progress = { entries: 0, bytes: 0 };
      return (done) => {
        total.entries += done.entries - before.entries;
        total.bytes += done.bytes - before.bytes;
        before = done;
        onProgress?.({ ...total });
      };
    },
  };
}

/** An `onProgress` that adds what was done before. */
export function progressAfter(
  before: Progress,
  { onProgress }: WriteOptions = {},
): WriteOptions["onProgress"] {
  return (
    onProgress &&
    (({ entries, bytes }) => onProgress({ entries: before.entries + entries, bytes: before.bytes + bytes }))
  );
}
