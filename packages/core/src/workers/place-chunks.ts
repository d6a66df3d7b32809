import type { Codecs } from "../codecs/codecs.js";
import { CorruptDataError, isOzxError, UnsupportedError } from "../errors.js";
import { swapBytes } from "../image/byte-order.js";
import { type Box, copyBox, fillBox, isOnePiece, permutedStrides, stridesOf } from "../image/copy-box.js";
import { countElements } from "../image/grid-order.js";
import type { Codec } from "../zarr/codec/codec.js";
import { decodeOrThrow, viewOrThrow } from "../zarr/codec/decode-bytes.js";

/** How the chunks of an array become elements of a block in C order, as data that another thread can be sent. */
export interface PlaceTask {
  readonly kind: "place";
  /** The store and the array, for messages. */
  readonly location: string;
  readonly path: string;
  /** Codecs of bytes, in the order of encoding. */
  readonly codecs: readonly Codec[];
  /** Bytes of an element. */
  readonly itemSize: number;
  /** Whether the bytes of an element are in another order than this machine's. */
  readonly isSwapped: boolean;
  /** The axis of the array that each stored axis is; C order where it is undefined. */
  readonly order: readonly number[] | undefined;
  readonly chunkShape: readonly number[];
  /** An element of a missing chunk, in this machine's byte order. */
  readonly fill: Uint8Array;
}

/** Where elements are put: a block of the array, in memory that threads may share. */
export interface PlaceTarget {
  readonly buffer: ArrayBufferLike;
  /** The block's first element, in the array. */
  readonly first: readonly number[];
  readonly shape: readonly number[];
}

/** A chunk that is to be put into a block. */
export interface PlacedChunk {
  readonly position: readonly number[];
  /** Its stored bytes; undefined where it is missing. */
  readonly bytes: Uint8Array | undefined;
}

/**
 * Decodes a chunk and puts the part of it that lies in the block where it belongs: straight from the decoder where that
 * part is one piece of memory, otherwise row by row.
 *
 * @param platform undefined where the task has no codecs
 * @throws CorruptDataError, UnsupportedError naming the chunk
 */
export function placeChunk(
  task: PlaceTask,
  { position, bytes }: PlacedChunk,
  target: PlaceTarget,
  platform: Codecs | undefined,
): void {
  const { itemSize, codecs, isSwapped } = task;
  const { box, start, length } = boxIn(task, position, target);
  // Addresses in a view have 32 bits; those of a block need not.
  const to = new Uint8Array(target.buffer, start, length);
  if (bytes === undefined) {
    fillBox(to, task.fill, box);
    return;
  }
  const size = countElements(task.chunkShape) * itemSize;
  const isWhole = length === size && isOnePiece(box);
  try {
    let decoded = isWhole
      ? decodeOrThrow(codecs, { bytes, size, into: to }, platform)
      : viewOrThrow(codecs, { bytes, size }, platform);
    if (isSwapped) {
      // Those of the store stay as they are.
      if (decoded.buffer === bytes.buffer) decoded = new Uint8Array(decoded);
      swapBytes(decoded, itemSize);
    }
    if (!isWhole) copyBox(decoded, to, box);
    else if (decoded.buffer !== to.buffer) to.set(decoded);
  } catch (error) {
    throw nameChunk(error, task, position);
  }
}

/** The part of a chunk that lies in a block. `start` and `length` are the bytes of the block from its first to its last. */
function boxIn(
  { chunkShape, itemSize, order }: PlaceTask,
  position: readonly number[],
  { first, shape }: PlaceTarget,
): { readonly box: Box; readonly start: number; readonly length: number } {
  const toStrides = stridesOf(shape, itemSize);
  const fromStrides =
    order === undefined ? stridesOf(chunkShape, itemSize) : permutedStrides(chunkShape, order, itemSize);
  const extents: number[] = [];
  let [fromStart, start, length] = [0, 0, itemSize];
  for (const [axis, extent] of chunkShape.entries()) {
    const begin = (position[axis] ?? 0) * extent;
    const origin = first[axis] ?? 0;
    const low = Math.max(begin, origin);
    const high = Math.min(begin + extent, origin + (shape[axis] ?? 1));
    extents.push(Math.max(high - low, 0));
    fromStart += (low - begin) * (fromStrides[axis] ?? 0);
    start += (low - origin) * (toStrides[axis] ?? 0);
    length += Math.max(high - low - 1, 0) * (toStrides[axis] ?? 0);
  }
  return { box: { itemSize, extents, fromStart, fromStrides, toStart: 0, toStrides }, start, length };
}

/** The error for a chunk, from what a codec has thrown here or in another thread. */
export function nameChunk(
  error: unknown,
  { location, path }: Pick<PlaceTask, "location" | "path">,
  position: readonly number[],
): unknown {
  const what = `chunk (${position.join(", ")}) of ${path} in ${location} cannot be read`;
  // Errors from another thread have lost their own class.
  if (isOzxError(error, "CorruptData") && "reason" in error) {
    return new CorruptDataError(`${what}: it ${String(error.reason)}`, { location, path }, { cause: error });
  }
  if (isOzxError(error, "Unsupported")) {
    const { feature, message } = error;
    return new UnsupportedError(`${what}: ${message}`, { location, path, feature }, { cause: error });
  }
  return error;
}
