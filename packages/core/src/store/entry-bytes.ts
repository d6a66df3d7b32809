import { createThrottle, readAhead } from "../bytes/concurrency.js";
import type { ReadOptions } from "../bytes/source-and-sink.js";
import { NotFoundError, SourceChangedError } from "../errors.js";
import type { AbsolutePath, BlockingReader, Store } from "./store.js";
import type { EntryInput, Piece } from "./target.js";

/** Small pieces are gathered into blocks of this size. */
const BLOCK = 1024 * 1024;
/** Pieces that are read at once where reads do not block. */
const READS_AT_ONCE = 16;

/**
 * An entry's bytes in blocks, each valid until the next but one is asked for. Throws `SourceChangedError` when
 * they are not `entry.size` bytes.
 */
export async function* streamEntry(
  source: Store,
  entry: EntryInput,
  options?: ReadOptions,
): AsyncGenerator<Uint8Array> {
  const pieces = piecesOf(entry);
  for (let from = 0; from < pieces.length; ) {
    let to = from;
    while (to < pieces.length && sizeOf(pieces[to] as Piece) <= BLOCK) to++;
    if (to - from > 1) yield* gatherPieces(source, entry, pieces.slice(from, to), options);
    else yield* streamPiece(source, entry, pieces[from] as Piece, options);
    from = Math.max(to, from + 1);
  }
}

/** An entry's bytes at once, for entries that fit into memory. Throws like {@link streamEntry}. */
export async function readEntry(
  source: Store,
  entry: EntryInput,
  options?: ReadOptions,
): Promise<Uint8Array> {
  const pieces = piecesOf(entry);
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return readPiece(source, entry, only, options);
  const whole = new Uint8Array(entry.size);
  let at = 0;
  const read = (piece: Piece): Promise<Uint8Array> => readPiece(source, entry, piece, options);
  for await (const bytes of readAhead(pieces, READS_AT_ONCE, read)) {
    whole.set(bytes, at);
    at += bytes.length;
  }
  return whole;
}

/**
 * Reads a whole entry at once into `target`, which must be larger than the entry by one byte: that byte shows
 * when a value has grown since it was listed.
 */
export function readEntrySync(source: BlockingStore, entry: EntryInput, target: Uint8Array): void {
  // The usual case, a hundred thousand times over, makes no list.
  if (typeof entry.content === "string") readValueSync(source, entry, entry.content, entry.size, target);
  else fillSync(source, entry, piecesOf(entry), target);
}

/** A store whose platform can read at once. */
export type BlockingStore = Store & Required<Pick<Store, "readSync">>;

export function canReadSync(store: Store): store is BlockingStore {
  return store.readSync !== undefined;
}

/** The error for an entry that is not what it was when the job was planned. */
export function sourceChanged(source: Store, entry: EntryInput): SourceChangedError {
  return new SourceChangedError(
    `${entry.key.slice(1)} cannot be made of ${source.name} any more, whose files are not what they were: something changed them while they were being read; try again when nothing writes there`,
    { location: source.name, path: entry.key },
  );
}

function piecesOf({ content, size }: EntryInput): readonly Piece[] {
  if (typeof content === "string") return [{ key: content, size }];
  return content instanceof Uint8Array ? [content] : content;
}

function sizeOf(piece: Piece): number {
  return piece instanceof Uint8Array ? piece.length : piece.size;
}

/** Small pieces, many of them in a block: two buffers in turn, as from `streamValue`. */
async function* gatherPieces(
  source: Store,
  entry: EntryInput,
  pieces: readonly Piece[],
  options?: ReadOptions,
): AsyncGenerator<Uint8Array> {
  // One byte more, which shows when the last value of a block has grown.
  let [block, other] = [new Uint8Array(BLOCK + 1), new Uint8Array(BLOCK + 1)];
  for (let from = 0; from < pieces.length; ) {
    let size = 0;
    let to = from;
    for (; to < pieces.length; to++) {
      const next = sizeOf(pieces[to] as Piece);
      if (size + next > BLOCK) break;
      size += next;
    }
    options?.signal?.throwIfAborted();
    const batch = pieces.slice(from, to);
    if (canReadSync(source)) fillSync(source, entry, batch, block);
    else block.set(await readEntry(source, { ...entry, size, content: batch }, options));
    yield block.subarray(0, size);
    [block, other] = [other, block];
    from = to;
  }
}

function fillSync(
  source: BlockingStore,
  entry: EntryInput,
  pieces: readonly Piece[],
  target: Uint8Array,
): void {
  let at = 0;
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) target.set(piece, at);
    else readValueSync(source, entry, piece.key, piece.size, target.subarray(at));
    at += sizeOf(piece);
  }
}

function readValueSync(
  source: BlockingStore,
  entry: EntryInput,
  key: AbsolutePath,
  size: number,
  target: Uint8Array,
): void {
  if (source.readSync(key, target.subarray(0, size + 1)) !== size) throw sourceChanged(source, entry);
}

async function readPiece(
  source: Store,
  entry: EntryInput,
  piece: Piece,
  options?: ReadOptions,
): Promise<Uint8Array> {
  if (piece instanceof Uint8Array) return piece;
  const bytes = await source.get(piece.key, options);
  if (bytes === undefined) throw entryVanished(source, entry, piece.key);
  if (bytes.length !== piece.size) throw sourceChanged(source, entry);
  return bytes;
}

async function* streamPiece(
  source: Store,
  entry: EntryInput,
  piece: Piece,
  options?: ReadOptions,
): AsyncGenerator<Uint8Array> {
  if (piece instanceof Uint8Array) {
    yield piece;
    return;
  }
  const blocks = await streamValue(source, piece.key, options);
  if (blocks === undefined) throw entryVanished(source, entry, piece.key);
  let size = 0;
  for await (const block of blocks) {
    size += block.length;
    if (size > piece.size) break;
    yield block;
  }
  if (size !== piece.size) throw sourceChanged(source, entry);
}

function entryVanished(source: Store, entry: EntryInput, key: AbsolutePath): NotFoundError {
  return new NotFoundError(
    `${key.slice(1)} is no longer in ${source.name}: it was removed while being read`,
    {
      location: source.name,
      path: entry.key,
    },
  );
}

/** How much is read at once from streams that fill a buffer of ours. */
const STREAM_BLOCK = 1024 * 1024;
/** Read at once by the thread that goes on with it, a block is best small enough to stay in that core's cache. */
const BLOCKING_BLOCK = 256 * 1024;

/**
 * A value in blocks, each valid until the next but one is asked for; undefined where the key does not exist.
 * From a byte stream they are two buffers, filled in turn, because fresh memory for each block costs more than
 * the reading; two, so that one can be written while the other is filled.
 */
export async function streamValue(
  source: Store,
  key: AbsolutePath,
  options?: ReadOptions,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  const blocking = source.openSync?.(key);
  if (blocking !== undefined) return closedWithoutBegin(blocking, blockingBlocks(blocking, options));
  const stream = await source.stream(key, options);
  if (stream === undefined) return undefined;
  const reader = byteReader(stream);
  return reader === undefined ? stream : streamBlocks(reader);
}

/** A generator that is ended before it has begun does not come to its `finally`, and a reader is open already. */
function closedWithoutBegin(
  reader: BlockingReader,
  blocks: AsyncGenerator<Uint8Array>,
): AsyncIterable<Uint8Array> {
  let isBegun = false;
  const iterator: AsyncIterator<Uint8Array> = {
    next() {
      isBegun = true;
      return blocks.next();
    },
    async return() {
      if (!isBegun) reader.close();
      return blocks.return(undefined);
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

async function* blockingBlocks(reader: BlockingReader, options?: ReadOptions): AsyncGenerator<Uint8Array> {
  const pause = createThrottle();
  try {
    for (let [next, other] = [new Uint8Array(BLOCKING_BLOCK), new Uint8Array(BLOCKING_BLOCK)]; ; ) {
      options?.signal?.throwIfAborted();
      const length = reader.read(next);
      if (length > 0) yield next.subarray(0, length);
      if (length < next.length) return;
      [next, other] = [other, next];
      await pause();
    }
  } finally {
    reader.close();
  }
}

async function* streamBlocks(reader: ReadableStreamBYOBReader): AsyncGenerator<Uint8Array> {
  let finished = false;
  try {
    for (let [next, other] = [new ArrayBuffer(STREAM_BLOCK), new ArrayBuffer(STREAM_BLOCK)]; ; ) {
      const { done, value } = await reader.read(new Uint8Array(next));
      finished = done;
      if (done) return;
      yield value;
      [next, other] = [other, value.buffer];
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
