import { createThrottle, readAhead } from "../bytes/concurrency.js";
import { newBuffer, type ReadOptions } from "../bytes/source-and-sink.js";
import { NotFoundError, SourceChangedError } from "../errors.js";
import type { AbsolutePath, Store, StoreEntry } from "./store.js";
import { streamValue } from "./stream-value.js";
import type { EntryInput, Piece } from "./target.js";
import { tooLongIn } from "./value-limit.js";

/** The size of blocks that small pieces are gathered into. */
const BLOCK = 1024 * 1024;
/** How many pieces are read at once where reads do not block. */
const READS_AT_ONCE = 16;

/**
 * An entry's bytes in blocks, each valid until the next but one is requested.
 *
 * @throws SourceChangedError when there are more or fewer than `entry.size` bytes
 * @throws NotFoundError when a value of the entry no longer exists
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

/** A whole entry, which must fit into memory. Throws like {@link streamEntry}. */
export async function readEntry(
  source: Store,
  entry: EntryInput,
  options?: ReadOptions,
): Promise<Uint8Array> {
  const pieces = piecesOf(entry);
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return readPiece(source, entry, only, options);
  const whole = newBuffer(entry.size, entry.key.slice(1));
  let at = 0;
  const read = (piece: Piece): Promise<Uint8Array> => readPiece(source, entry, piece, options);
  for await (const bytes of readAhead(pieces, READS_AT_ONCE, read)) {
    whole.set(bytes, at);
    at += bytes.length;
  }
  return whole;
}

/**
 * Reads a whole entry into `target` and blocks meanwhile.
 *
 * @param target one byte larger than the entry, which shows when a value has grown since it was listed
 * @returns false where only `readEntry` can read it
 * @throws SourceChangedError when there are more or fewer than `entry.size` bytes
 */
export function readEntrySync(source: BlockingStore, entry: EntryInput, target: Uint8Array): boolean {
  const { content, size } = entry;
  if (typeof content !== "string") {
    return piecesOf(entry).every((piece) => {
      const isRead = readPieceSync(source, entry, piece, target);
      target = target.subarray(sizeOf(piece));
      return isRead;
    });
  }
  // The usual case, hundreds of thousands of times, without a list of pieces.
  const length = source.readSync(content, target.subarray(0, size + 1));
  if (length !== undefined && length !== size) throw sourceChanged(source, entry);
  return length !== undefined;
}

/** A store that can block. */
export type BlockingStore = Store & Required<Pick<Store, "readSync">>;

/** Whether a store can block. */
export function canReadSync(store: Store): store is BlockingStore {
  return store.readSync !== undefined;
}

/** The error for a value that has changed since the store was opened, or the job was planned. */
export function sourceChanged(
  { name }: Pick<Store, "name">,
  { key }: Pick<EntryInput, "key">,
): SourceChangedError {
  return new SourceChangedError(
    `${key.slice(1)} in ${name} changed while it was being read: try again when nothing writes there`,
    { location: name, path: key },
  );
}

function piecesOf({ content, size }: EntryInput): readonly Piece[] {
  if (typeof content === "string") return [{ key: content, size }];
  return content instanceof Uint8Array ? [content] : content;
}

function sizeOf(piece: Piece): number {
  return piece instanceof Uint8Array ? piece.length : piece.size;
}

/** Fills a block in slices, for a cold disk may take seconds for thousands of pieces. */
async function fillInSlices(
  source: BlockingStore,
  entry: EntryInput,
  { pieces, target }: { readonly pieces: readonly Piece[]; readonly target: Uint8Array },
  options?: ReadOptions,
): Promise<void> {
  const pause = createThrottle(options);
  let at = 0;
  for (let from = 0; from < pieces.length; from += PIECES_AT_ONCE) {
    for (const piece of pieces.slice(from, from + PIECES_AT_ONCE)) {
      const place = target.subarray(at);
      if (!readPieceSync(source, entry, piece, place))
        place.set(await readPiece(source, entry, piece, options));
      at += sizeOf(piece);
    }
    await pause();
  }
}

/** Reading them takes about a millisecond. */
const PIECES_AT_ONCE = 64;

/** Small pieces, many to a block, in two alternating buffers as from `streamValue`. */
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
    if (canReadSync(source)) await fillInSlices(source, entry, { pieces: batch, target: block }, options);
    else block.set(await readEntry(source, { ...entry, size, content: batch }, options));
    yield block.subarray(0, size);
    [block, other] = [other, block];
    from = to;
  }
}

/** False where only `readPiece` can read it. */
function readPieceSync(source: BlockingStore, entry: EntryInput, piece: Piece, target: Uint8Array): boolean {
  if (piece instanceof Uint8Array) {
    target.set(piece);
    return true;
  }
  const length = source.readSync(piece.key, target.subarray(0, piece.size + 1));
  if (length !== undefined && length !== piece.size) throw sourceChanged(source, entry);
  return length !== undefined;
}

async function readPiece(
  source: Store,
  entry: EntryInput,
  piece: Piece,
  options?: ReadOptions,
): Promise<Uint8Array> {
  if (piece instanceof Uint8Array) return piece;
  return readValue(source, piece, options, entry.key);
}

/**
 * A whole value, of the size that it had when it was listed.
 *
 * @param path what errors are about, if that is not the key: the entry that is made of several values
 * @throws NotFoundError, SourceChangedError when it has changed since
 */
export async function readValue(
  source: Store,
  { key, size }: StoreEntry,
  options?: ReadOptions,
  path: AbsolutePath = key,
): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  try {
    bytes = await source.get(key, { ...options, atMost: size });
  } catch (error) {
    throw tooLongIn(error) === undefined ? error : sourceChanged(source, { key: path });
  }
  if (bytes === undefined) throw sourceRemoved(source, key, path);
  if (bytes.length !== size) throw sourceChanged(source, { key: path });
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
  if (blocks === undefined) throw sourceRemoved(source, piece.key, entry.key);
  let size = 0;
  for await (const block of blocks) {
    size += block.length;
    if (size > piece.size) break;
    yield block;
  }
  if (size !== piece.size) throw sourceChanged(source, entry);
}

/**
 * The error for a value that was removed after the job was planned.
 *
 * @param path what the error is about, if that is not the key: the entry that is made of several values
 */
export function sourceRemoved(
  { name }: Pick<Store, "name">,
  key: AbsolutePath,
  path: AbsolutePath = key,
): NotFoundError {
  return new NotFoundError(`${key.slice(1)} is no longer in ${name}: it was removed while being read`, {
    location: name,
    path,
  });
}
