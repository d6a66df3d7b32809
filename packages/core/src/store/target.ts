import type { ReadOptions } from "../bytes/source-and-sink.js";
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
  /** More entries, which are made while the job runs and come after all of `entries`. */
  readonly generated?: EntryProducer | undefined;
}

/** Makes entries whose sizes are known only once they are made, as chunks that are encoded anew. */
export interface EntryProducer {
  /** How many entries at most, for progress and plans. */
  readonly entries: number;
  /** About how many bytes. */
  readonly bytes: number;
  /** How many bytes they take in any case; none where nothing is known. */
  readonly leastBytes?: number | undefined;
  /** About how many bytes the largest of them has, where it may be a large one. */
  readonly largest?: number | undefined;
  /** Present where an earlier run that was cut short can be gone on with. */
  readonly origin?: ProducerOrigin | undefined;
  /**
   * Makes them all, each once, in an order that is always the same. May be called again, as by a dry run that
   * measures.
   */
  produce(options?: ProduceOptions): AsyncIterable<GeneratedEntry>;
}

/** What entries that are made come from. */
export interface ProducerOrigin {
  /** Says all that they depend on besides the values of the source: another text, other bytes. */
  readonly recipe: string;
  /** The keys of the source whose values they are made of. */
  reads(): Iterable<AbsolutePath>;
  /** Whether a key can be that of one of them. */
  owns(key: AbsolutePath): boolean;
}

export interface ProduceOptions extends ReadOptions {
  /** What an earlier run has made, and is not made again. */
  readonly earlier?: EarlierEntries | undefined;
}

/** Entries that an earlier run has made and written: the first ones of the maker's order. */
export interface EarlierEntries {
  /** The key of the last of them. */
  readonly last: AbsolutePath;
  /** Their values, undefined for keys that are none of theirs. */
  readonly values: Pick<Store, "get" | "getRange">;
}

export interface GeneratedEntry {
  readonly key: AbsolutePath;
  /** The whole value, or, for one larger than memory, blocks of it, each valid until the next is asked for. */
  readonly bytes: Uint8Array | AsyncIterable<Uint8Array>;
}

/** A place that takes entry after entry, each when it is ready; see {@link StoreTarget.begin}. */
export interface EntryWriter {
  /** What to call it in messages. */
  readonly name: string;
  /**
   * Writes one entry; calls may overlap, and each key may come once.
   *
   * @throws WriteFailedError when the destination cannot be written
   */
  add(entry: GeneratedEntry, options?: ReadOptions): Promise<void>;
  /**
   * Makes all that was added durable and puts it in its place. Either this or `discard` is called, once, and
   * `discard` after all when this throws.
   */
  commit(options?: ReadOptions): Promise<void>;
  /** Throws away what was written; the destination is as it was. Never throws. */
  discard(): Promise<void>;
}

/** What is done so far; totals are in the job. */
export interface Progress {
  readonly entries: number;
  readonly bytes: number;
}

export interface WriteOptions extends ReadOptions {
  /** Called as data moves, at most some hundred times a second. */
  readonly onProgress?: ((done: Progress) => void) | undefined;
  /** Called once before anything is written, by targets that are to go on with what an earlier run has left. */
  readonly onResume?: ((found: Resumption) => void) | undefined;
  /**
   * Threads that write at once, where target, source and platform can. When undefined as many as there are
   * processors, and fewer for a small job.
   */
  readonly workers?: number | undefined;
}

/** What there was to go on with. */
export interface Resumption {
  /** The file or folder that is gone on with; undefined where none was left of the same job. */
  readonly leftover: string | undefined;
  /** What of it is done. */
  readonly done: Progress;
  /** Whether this run leaves something to go on with in its turn: not where the source cannot tell if it changes. */
  readonly isResumable: boolean;
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
  /**
   * Begins a hierarchy that grows entry by entry, for those who do not know beforehand what will be in it.
   * Nothing can be seen at the destination before `commit`.
   */
  begin?(options?: ReadOptions): Promise<EntryWriter>;
}

/** Made entries that are written already, and how many they are. */
export interface EarlierGenerated extends EarlierEntries {
  readonly done: Progress;
}

/** Writes the made entries of a job, after its others, and goes on with counting what is done. */
export async function writeGenerated(
  { entries, generated: made }: WriteJob,
  writer: Pick<EntryWriter, "add">,
  options: WriteOptions = {},
  earlier?: EarlierGenerated,
): Promise<void> {
  if (made === undefined) return;
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
  for await (const { key, bytes } of made.produce({ signal: options.signal, earlier })) {
    const entry: GeneratedEntry = { key, bytes: bytes instanceof Uint8Array ? bytes : counted(bytes) };
    await writer.add(entry, options);
    done.entries++;
    if (bytes instanceof Uint8Array) done.bytes += bytes.length;
    onProgress?.({ ...done });
  }
}

/** Adds up what parts of the work report, each from its own start. */
export function progressCounter({ onProgress }: WriteOptions): { within(): (done: Progress) => void } {
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

/** Counts on from what was done before. */
export function progressAfter(
  before: Progress,
  { onProgress }: WriteOptions = {},
): WriteOptions["onProgress"] {
  return (
    onProgress &&
    (({ entries, bytes }) => onProgress({ entries: before.entries + entries, bytes: before.bytes + bytes }))
  );
}
