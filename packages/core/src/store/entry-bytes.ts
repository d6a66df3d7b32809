import type { ReadOptions } from "../bytes/byte-source.js";
import { NotFoundError, SourceChangedError } from "../errors.js";
import type { Store } from "./store.js";
import type { EntryInput } from "./target.js";

/** An entry's bytes piece by piece. Throws `SourceChangedError` when they are not `entry.size` bytes. */
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
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      size += next.value.length;
      if (size > entry.size) break;
      yield next.value;
    }
  } finally {
    await reader.cancel();
  }
  if (size !== entry.size) throw changed(source, entry);
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
  if (bytes.length !== entry.size) throw changed(source, entry);
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
  if (length !== entry.size) throw changed(source, entry);
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

function changed(source: Store, entry: EntryInput): SourceChangedError {
  return new SourceChangedError(
    `${entry.content} in ${source.name} is not ${entry.size} bytes any more: it was changed while being read; try again when nothing writes to it`,
    { location: source.name, path: entry.key },
  );
}
