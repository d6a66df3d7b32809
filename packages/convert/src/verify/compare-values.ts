import { type ArrayNode, type ChunkWorkers, isOzxError, type ReadOptions, type Store } from "@ozx/core";
import { readAhead } from "@ozx/core/container";
import {
  type ChunkCoding,
  checkChunksKnown,
  codingOf,
  countElements,
  createBlockReader,
  decodedView,
  type EqualTask,
  elementParts,
  fillElement,
  inlineWorkers,
  itemSizeOf,
  memoize,
  openArray,
  openDecodedArray,
  partNames,
  sameBytes,
  shardsAsChunks,
  storedChunks,
} from "@ozx/core/internal";
import type { StoredPositions } from "../chunks/stored-positions.js";
import { firstDifference } from "./compare-attributes.js";
import {
  compareRegion,
  type RegionBounds,
  type RegionReader,
  readerByZarrita,
  type ValueDifference,
} from "./compare-region.js";
import {
  allRegions,
  type StoredRegion,
  type StoredRegions,
  type StoredSide,
  storedRegions,
} from "./stored-regions.js";

interface ArrayInStore {
  readonly store: Store;
  readonly node: ArrayNode;
  /** Which of its chunks (or shards) are stored. */
  readonly objects: StoredPositions;
}

interface CompareOptions extends ReadOptions {
  /** Where chunks are decompressed; in the calling thread by default. */
  readonly workers?: ChunkWorkers | undefined;
}

/** The approximate size of decoded pixels that are in memory at once, in bytes. */
const DECODED_AT_ONCE = 512 * 1024 * 1024;
/** Regions that are compared at once, whatever their size. */
const REGIONS_AT_LEAST = 4;
/** The most elements of a region that is larger than the chunks of the left array. */
const REGION_ELEMENTS = 32 * 1024 * 1024;

/** A comparison of two arrays, which has read none of their chunks yet. */
export interface Comparison {
  /** The elements to compare: those of regions in which a chunk is stored. */
  readonly elements: number;
  /**
   * The first position, in C order, at which the arrays differ; undefined where they do not.
   *
   * @param onCompared called with the number of elements that were compared since the last call
   */
  firstDifference(onCompared?: (elements: number) => void): Promise<ValueDifference | undefined>;
}

/**
 * Plans how two arrays of the same shape and type are compared. NaN equals NaN, and -0 differs from 0.
 *
 * Chunks with the same bytes and the same codecs are not decoded: damage that both arrays share is not a difference. All
 * other chunks are decoded and compared region by region. Regions in which neither array has a stored chunk are equal if
 * the fill values are, and so need no look.
 */
export async function planComparison(
  left: ArrayInStore,
  right: ArrayInStore,
  options: CompareOptions = {},
): Promise<Comparison> {
  const { workers = inlineWorkers() } = options;
  const [one, other] = [sideOf(left, workers), sideOf(right, workers)];
  const { shape } = left.node.array;
  const extents = regionShape(one.node, other.node);
  const sameFill = await hasSameFill(left, right);
  // With other fill values, the first region that neither stores is a difference, which ends the comparison.
  const { elements, regions } = sameFill
    ? await storedRegions([one, other], shape, extents, options)
    : allRegions(shape, extents);
  const planned = { one, other, sameFill, extents, regions, workers };
  return {
    elements,
    firstDifference: (onCompared) => compareRegions(planned, options, onCompared),
  };
}

interface PlannedComparison extends Pick<StoredRegions, "regions"> {
  readonly one: Side;
  readonly other: Side;
  readonly sameFill: boolean;
  /** The shape of a region. */
  readonly extents: readonly number[];
  readonly workers: ChunkWorkers;
}

async function compareRegions(
  { one, other, sameFill, extents, regions, workers }: PlannedComparison,
  { signal }: ReadOptions,
  onCompared?: (elements: number) => void,
): Promise<ValueDifference | undefined> {
  const sameChunk = sameStored(one, other, { sameFill, workers });
  let first: ValueDifference | undefined;
  const compare = async ({ start, stop, block }: StoredRegion) => {
    signal?.throwIfAborted();
    const isLater = first !== undefined && isBefore(first.position, start);
    const chunk = start.map((at, axis) => at / (extents[axis] as number));
    const isSame = isLater || (await sameChunk?.(chunk, { signal })) === true;
    const difference = isSame ? undefined : await compareElements(one, other, { start, stop }, { signal });
    onCompared?.(countElements(stop.map((end, axis) => end - (start[axis] as number))));
    return { block, difference };
  };
  const bytes = countElements(extents) * (itemSizeOf(one.node.array.dtype) ?? 1);
  const atOnce = Math.min(
    Math.max(REGIONS_AT_LEAST, workers.atOnce),
    Math.max(REGIONS_AT_LEAST, Math.floor(DECODED_AT_ONCE / (2 * bytes))),
  );
  const all = regions({ signal, onSkip: onCompared });
  for await (const { block, difference } of readAhead(all, atOnce, compare)) {
    // Blocks interleave in C order: one next to this one may have a difference at an earlier position.
    if (first !== undefined && isBefore(first.position, block)) break;
    if (difference === undefined) continue;
    if (first === undefined || isBefore(difference.position, first.position)) first = difference;
  }
  return first;
}

/**
 * Whether the elements of missing chunks are the same in two arrays: as they are written, or as they are read, since
 * `null` may stand for 0. Of arrays that cannot be read, the answer is no.
 */
async function hasSameFill(left: ArrayInStore, right: ArrayInStore): Promise<boolean> {
  if (firstDifference(left.node.array.fillValue, right.node.array.fillValue) === undefined) return true;
  try {
    const elements = [left, right].map(({ store, node }) => fillElement(store, node));
    const [one, other] = await Promise.all(elements);
    return firstDifference(one, other) === undefined;
  } catch (error) {
    if (isOzxError(error)) return false;
    throw error;
  }
}

/** One of the two arrays, and how its chunks are stored. */
interface Side extends StoredSide {
  /** Opens the array. Rejects if it cannot be decoded, which is not needed for chunks with the same bytes. */
  readonly reader: () => Promise<RegionReader>;
  /** The parts of an element along the last dimension that is read; none if elements are numbers or strings. */
  readonly parts: readonly string[];
  readonly coding: ChunkCoding;
}

function sideOf({ store, node: written, objects }: ArrayInStore, workers: ChunkWorkers): Side {
  checkChunksKnown(written, store.name);
  const node = shardsAsChunks(written);
  const coding = codingOf(node);
  const chunks = storedChunks(store, node);
  const elements = coding.plain && elementParts(node, coding.plain);
  const plain = elements ?? coding.plain;
  const reader = memoize(async (): Promise<RegionReader> => {
    if (chunks === undefined || plain === undefined) {
      const view = decodedView({ store, node: written }, workers);
      // Of shards in shards, it has plain chunks.
      if (view.node !== written) return sideOf({ ...view, objects }, workers).reader();
      return readerByZarrita(await openArray(store, written));
    }
    const direct = elements === undefined ? await createBlockReader(store, node, workers) : undefined;
    return direct ?? readerByZarrita(await openDecodedArray({ store, node }, chunks, plain, workers));
  });
  return { node, objects, reader, parts: partNames(node.array.dtype), coding, chunks };
}

async function compareElements(
  one: Side,
  other: Side,
  { start, stop }: RegionBounds,
  options: ReadOptions,
): Promise<ValueDifference | undefined> {
  const [left, right] = await Promise.all([one.reader(), other.reader()]);
  const { parts } = one;
  if (parts.length === 0) return compareRegion(left, right, { start, stop }, options);
  const bounds = { start: [...start, 0], stop: [...stop, parts.length] };
  const found = await compareRegion(left, right, bounds, options);
  return (
    found && { ...found, position: found.position.slice(0, -1), part: parts[found.position.at(-1) ?? 0] }
  );
}

interface SameOptions {
  readonly sameFill: boolean;
  readonly workers: ChunkWorkers;
}

/**
 * Compares a chunk of both arrays by its bytes, as they are stored, and else as they are decoded, which takes no pixels.
 * Undefined if equal bytes do not mean equal pixels in these arrays. False does not mean that pixels differ: a chunk may
 * reach beyond the array.
 */
function sameStored(one: Side, other: Side, { sameFill, workers }: SameOptions) {
  const [ones, others] = [one.chunks, other.chunks];
  const isSameShape = firstDifference(one.node.array.chunkShape, other.node.array.chunkShape) === undefined;
  if (!isSameShape || ones === undefined || others === undefined) return undefined;
  const isSameLayout = one.coding.layout === other.coding.layout;
  const task = equalTask(one, other);
  if (!isSameLayout && task === undefined) return undefined;
  return async (position: readonly number[], options: ReadOptions): Promise<boolean> => {
    const [left, right] = await Promise.all([ones.get(position, options), others.get(position, options)]);
    if (left === undefined || right === undefined) return left === right && sameFill;
    if (isSameLayout && sameBytes(left, right)) return true;
    return task !== undefined && (await workers.isEqual(task, [left, right], options));
  };
}

/** The task that compares decoded chunks; undefined where the same elements have other bytes in the two arrays. */
function equalTask(one: Side, other: Side): EqualTask | undefined {
  const [left, right] = [one.coding.plain, other.coding.plain];
  const { dtype, chunkShape } = one.node.array;
  const itemSize = itemSizeOf(dtype);
  if (left === undefined || left.elements !== right?.elements || itemSize === undefined) return undefined;
  return { kind: "equal", codecs: [left.ofBytes, right.ofBytes], size: countElements(chunkShape) * itemSize };
}

/** Whether a position comes before another one in C order. */
function isBefore(one: readonly number[], other: readonly number[]): boolean {
  const axis = one.findIndex((at, k) => at !== other[k]);
  return axis >= 0 && (one[axis] as number) < (other[axis] as number);
}

/** The larger of the two chunk extents along each axis, so that most chunks are decoded once. */
function regionShape(left: ArrayNode, right: ArrayNode): readonly number[] {
  const chunks = left.array.chunkShape;
  const larger = chunks.map((extent, axis) => Math.max(extent, right.array.chunkShape[axis] ?? 1));
  return countElements(larger) <= REGION_ELEMENTS ? larger : chunks;
}
