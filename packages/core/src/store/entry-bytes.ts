import type { ReadOptions } from "../bytes/byte-source.js";
import { NotFoundError, SourceChangedError } from "../errors.js";
import type { Store } from "./store.js";
import type { EntryInput } from "./target.js";

/** An entry's bytes piece by piece, each valid until the next is asked for. Throws `SourceChangedError` when they are not `entry.size` bytes. */
export async function* streamEntry(
  source: Store,
  entry: EntryInput,
  options?: ReadOptions,
): AsyncGenerator<Uint8Array> {
  if (typeof entry.content !== "string") {
    yield entry.content;
    return;
  }
  const stream = await source.stream(entry.content, options);
  if (stream === undefined) throw vanished(source, entry);
  let size = 0;
  for await (const piece of pieces(stream)) {
    size += piece.length;
    if (size > entry.size) break;
    yield piece;
  }
  if (size !== entry.size) throw sourceChanged(source, entry);
}

/** How much is read at once from streams that fill a buffer of ours. */
const BLOCK = 1024 * 1024;

/**
 * The pieces of a stream, each valid until the next is asked for: from a byte stream they are one buffer,
 * filled again and again, because fresh memory for each block costs more than the reading.
 */
async function* pieces(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = byteReader(stream);
  if (reader === undefined) {
    yield* stream;
    return;
  }
  let finished = false;
  try {
    for (let buffer = new ArrayBuffer(BLOCK); ; ) {
      const { done, value } = await reader.read(new Uint8Array(buffer));
      finished = done;
      if (done) return;
      yield value;
      buffer = value.buffer;
    }
  } finally {
    if (!finished) await reader.cancel();
  }
}

function byteReader(stream: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | undefined {
  try {
    return stream.getReader({ mode: "byob" });
  } catch {
    return undefined;
  }
}

/** An entry's bytes at once, for entries that fit into memory. Throws like {@link streamEntry}. */
export async function readEntry(
  source: Store,
  entry: EntryInput,
  options?: ReadOptions,
): Promise<Uint8Array> {
  if (typeof entry.content !== "string") return entry.content;
  const bytes = await source.get(entry.content, options);
  if (bytes === undefined) throw vanished(source, entry);
  if (bytes.length !== entry.size) throw sourceChanged(source, entry);
  return bytes;
}

/**
 * Reads a whole entry at once into the start of `target`, which must be larger than the entry by one byte:
 * that byte shows when the value has grown since it was listed.
 */
export function readEntrySync(source: BlockingStore, entry: EntryInput, target: Uint8Array): void {
  if (typeof entry.content !== "string") {
    target.set(entry.content);
    return;
  }
  const length = source.readSync(entry.content, target.subarray(0, entry.size + 1));
  if (length !== entry.size) throw sourceChanged(source, entry);
}

/** A store whose platform can read at once. */
export type BlockingStore = Store & Required<Pick<Store, "readSync">>;

export function canReadSync(store: Store): store is BlockingStore {
  return store.readSync !== undefined;
}

function vanished(source: Store, entry: EntryInput): NotFoundError {
  return new NotFoundError(
    `${entry.content} is no longer in ${source.name}: it was removed while being read`,
    {
      location: source.name,
      path: entry.key,
    },
  );
}

/** The error for an entry that is not what it was when the job was planned. */
export function sourceChanged(source: Store, entry: EntryInput): SourceChangedError {
  return new SourceChangedError(
    `${entry.content} in ${source.name} is not the ${entry.size} bytes that it was: it was changed while being read; try again when nothing writes to it`,
    { location: source.name, path: entry.key },
  );
}
