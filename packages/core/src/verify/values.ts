import { readAhead } from "../bytes/concurrency.js";
import type { ReadOptions } from "../bytes/source-and-sink.js";
import { positionsOf } from "../image/grid-order.js";
import { checkChunksKnown } from "../open/check-readable.js";
import { type ChunkCoding, codingOf } from "../open/coding.js";
import type { PixelArray } from "../open/node.js";
import { once } from "../open/once.js";
import { openArray } from "../open/open-array.js";
import { openPlainArray } from "../open/plain-array.js";
import { plainElements } from "../open/plain-elements.js";
import { type StoredChunks, storedChunks } from "../open/stored-chunks.js";
import type { Store } from "../store/store.js";
import { type ChunkWorkers, inlineWorkers } from "../workers/chunk-tasks.js";
import { itemSizeOf } from "../zarr/data-types.js";
import type { ArrayNode } from "../zarr/zarr-node.js";
import { firstDifference } from "./attributes.js";
import { compareRegion, type ValueDifference } from "./region.js";
import { sameBytes } from "./same-bytes.js";

/** An array, and the store that it is in. */
interface ArrayInStore {
  readonly store: Store;
  readonly node: ArrayNode;
}

export interface CompareOptions extends ReadOptions {
  /** Where chunks are decompressed; in the calling thread by default. */
  readonly work?: ChunkWorkers | undefined;
  /** Called with the number of elements of each region that was compared. */
  readonly onRegion?: ((elements: number) => void) | undefined;
}

/** Bytes of decoded pixels, about, that are there at once; four regions are compared at once whatever they have. */
const DECODED_AT_ONCE = 512 * 1024 * 1024;
const REGIONS_AT_LEAST = 4;
/** A region of both arrays' larger chunks is read at once unless it has more elements than this. */
const REGION_ELEMENTS = 32 * 1024 * 1024;

/**
 * Finds the first position, in C order, at which two arrays of the same shape and type differ. NaN equals NaN, and
 * -0 is not 0.
 *
 * Chunks that are stored with the same bytes, and that decode alike, are not decoded: damage that both share is no
 * difference. All others are, region by region.
 */
export async function compareValues(
  left: ArrayInStore,
  right: ArrayInStore,
  options: CompareOptions = {},
): Promise<ValueDifference | undefined> {
  const { signal, work = inlineWorkers() } = options;
  const [one, other] = [sideOf(left, work), sideOf(right, work)];
  const { shape } = left.node.array;
  const extents = regionShape(left.node, right.node);
  const sameChunk = sameStored(one, other);
  const compare = async (start: readonly number[]) => {
    signal?.throwIfAborted();
    const stop = start.map((at, axis) => Math.min(at + (extents[axis] as number), shape[axis] as number));
    const chunk = start.map((at, axis) => at / (extents[axis] as number));
    const isSame = sameChunk !== undefined && (await sameChunk(chunk, { signal }));
    const difference = isSame ? undefined : await compareElements(one, other, start, stop, { signal });
    options.onRegion?.(stop.reduce((product, end, axis) => product * (end - (start[axis] as number)), 1));
    return { start, difference };
  };
  const bytes = extents.reduce((product, extent) => product * extent, itemSizeOf(left.node.array.dtype) ?? 1);
  const atOnce = Math.min(
    Math.max(REGIONS_AT_LEAST, work.atOnce),
    Math.max(REGIONS_AT_LEAST, Math.floor(DECODED_AT_ONCE / (2 * bytes))),
  );
  let first: ValueDifference | undefined;
  for await (const { start, difference } of readAhead(positionsOf(shape, extents), atOnce, compare)) {
    // Regions overlap in C order: those beside one may hold what comes before its first difference.
    if (first !== undefined && isBefore(first.position, start)) break;
    if (difference === undefined) continue;
    if (first === undefined || isBefore(difference.position, first.position)) first = difference;
  }
  return first;
}

/** One of both arrays, and how its chunks are stored. */
interface Side {
  readonly node: ArrayNode;
  /** Refuses where it cannot be decoded, which it need not be where chunks are stored with the same bytes. */
  readonly array: () => Promise<PixelArray>;
  /** What the elements of `array` consist of along its last dimension; none where they are numbers or texts. */
  readonly parts: readonly string[];
  readonly coding: ChunkCoding;
  readonly chunks: StoredChunks | undefined;
}

function sideOf(place: ArrayInStore, work: ChunkWorkers): Side {
  const { store, node } = place;
  checkChunksKnown(node, store.name);
  const coding = codingOf(node);
  const chunks = storedChunks(store, node);
  const elements = coding.plain && plainElements(node, coding.plain);
  const plain = elements ?? coding.plain;
  const array = once(() =>
    chunks && plain ? openPlainArray(place, chunks, plain, work) : openArray(store, node),
  );
  return { node, array, parts: elements?.parts ?? [], coding, chunks };
}

async function compareElements(
  one: Side,
  other: Side,
  start: readonly number[],
  stop: readonly number[],
  options: ReadOptions,
): Promise<ValueDifference | undefined> {
  const [left, right] = await Promise.all([one.array(), other.array()]);
  const { parts } = one;
  if (parts.length === 0) return compareRegion(left, right, start, stop, options);
  const found = await compareRegion(left, right, [...start, 0], [...stop, parts.length], options);
  return (
    found && { ...found, position: found.position.slice(0, -1), part: parts[found.position.at(-1) ?? 0] }
  );
}

/** Says whether a chunk is stored the same in both; undefined for arrays where that means nothing. */
function sameStored(one: Side, other: Side) {
  const { chunks: ones } = one;
  const { chunks: others } = other;
  const isAlike =
    one.coding.layout === other.coding.layout &&
    firstDifference(one.node.array.chunkShape, other.node.array.chunkShape) === undefined;
  if (!isAlike || ones === undefined || others === undefined) return undefined;
  const sameFill = firstDifference(one.node.array.fillValue, other.node.array.fillValue) === undefined;
  return async (position: readonly number[], options: ReadOptions): Promise<boolean> => {
    const [left, right] = await Promise.all([ones(position, options), others(position, options)]);
    if (left === undefined || right === undefined) return left === right && sameFill;
    return sameBytes(left, right);
  };
}

/** Whether a position comes before another one in C order. */
function isBefore(one: readonly number[], other: readonly number[]): boolean {
  const axis = one.findIndex((at, k) => at !== other[k]);
  return axis >= 0 && (one[axis] as number) < (other[axis] as number);
}

/** The larger of both chunks along each axis, so that most chunks are decoded once. */
function regionShape(left: ArrayNode, right: ArrayNode): readonly number[] {
  const chunks = left.array.chunkShape;
  const larger = chunks.map((extent, axis) => Math.max(extent, right.array.chunkShape[axis] ?? 1));
  return larger.reduce((product, extent) => product * extent, 1) <= REGION_ELEMENTS ? larger : chunks;
}
