import type { ArrayNode, ChunkWorkers, PixelArray, ReadOptions, Store } from "@ozx/core";
import { readAhead } from "@ozx/core/container";
import {
  type ChunkCoding,
  checkChunksKnown,
  codingOf,
  elementParts,
  inlineWorkers,
  itemSizeOf,
  memoize,
  openArray,
  openDecodedArray,
  positionsOf,
  type StoredChunks,
  storedChunks,
} from "@ozx/core/internal";
import { firstDifference } from "./compare-attributes.js";

/** An array, and the store that it is in. */
interface ArrayInStore {
  readonly store: Store;
  readonly node: ArrayNode;
}

export interface CompareOptions extends ReadOptions {
  /** Where chunks are decompressed; in the calling thread by default. */
  readonly workers?: ChunkWorkers | undefined;
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
  const { signal, workers = inlineWorkers() } = options;
  const [one, other] = [sideOf(left, workers), sideOf(right, workers)];
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
    Math.max(REGIONS_AT_LEAST, workers.atOnce),
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

function sideOf(place: ArrayInStore, workers: ChunkWorkers): Side {
  const { store, node } = place;
  checkChunksKnown(node, store.name);
  const coding = codingOf(node);
  const chunks = storedChunks(store, node);
  const elements = coding.plain && elementParts(node, coding.plain);
  const plain = elements ?? coding.plain;
  const array = memoize(() =>
    chunks && plain ? openDecodedArray(place, chunks, plain, workers) : openArray(store, node),
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

/** Where two arrays of the same shape first differ. */
export interface ValueDifference {
  readonly position: readonly number[];
  readonly left: unknown;
  readonly right: unknown;
  /** Which part of the elements there differs, where they are more than a number. */
  readonly part?: string | undefined;
}

/** Decodes one region of two arrays and finds the first position, in C order, at which it differs. */
export async function compareRegion(
  left: PixelArray,
  right: PixelArray,
  start: readonly number[],
  stop: readonly number[],
  options: ReadOptions,
): Promise<ValueDifference | undefined> {
  const [one, other] = await Promise.all([
    readRegion(left, start, stop, options),
    readRegion(right, start, stop, options),
  ]);
  return firstUnequal(one, other, start);
}

interface Region {
  readonly values: ArrayLike<unknown>;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
}

async function readRegion(
  array: PixelArray,
  start: readonly number[],
  stop: readonly number[],
  { signal }: ReadOptions,
): Promise<Region> {
  // Loaded when pixels are wanted, as in `openArray`.
  const { get, slice } = await import("zarrita");
  const selection = start.map((at, axis) => slice(at, stop[axis] as number));
  const options = signal === undefined ? {} : { signal };
  // Of an array without dimensions `get` gives the bare value, and not where it lies.
  const isScalar = start.length === 0;
  const { data, shape, stride } = isScalar
    ? await array.getChunk([], options)
    : await get(array, selection, options);
  return { values: elementsOf(data), shape, stride };
}

/** zarrita's arrays of booleans and fixed-length texts have no index access, only `get`. */
function elementsOf(data: unknown): ArrayLike<unknown> {
  if (Array.isArray(data) || ArrayBuffer.isView(data)) return data as unknown as ArrayLike<unknown>;
  return Array.from(data as Iterable<unknown>);
}

function firstUnequal(left: Region, right: Region, start: readonly number[]): ValueDifference | undefined {
  if (isSameInMemory(left, right)) return undefined;
  const position = new Array<number>(left.shape.length).fill(0);
  const count = left.shape.reduce((product, extent) => product * extent, 1);
  let [leftAt, rightAt] = [0, 0];
  for (let k = 0; k < count; k++) {
    if (!Object.is(left.values[leftAt], right.values[rightAt])) {
      return {
        position: position.map((index, axis) => index + (start[axis] as number)),
        left: left.values[leftAt],
        right: right.values[rightAt],
      };
    }
    for (let axis = position.length - 1; axis >= 0; axis--) {
      const extent = left.shape[axis] as number;
      const index = (position[axis] as number) + 1;
      leftAt += left.stride[axis] as number;
      rightAt += right.stride[axis] as number;
      if (index < extent) {
        position[axis] = index;
        break;
      }
      position[axis] = 0;
      leftAt -= extent * (left.stride[axis] as number);
      rightAt -= extent * (right.stride[axis] as number);
    }
  }
  return undefined;
}

/** Whether elements of the same type lie in the same order and have the same bits: most often they do. */
function isSameInMemory(left: Region, right: Region): boolean {
  const [one, other] = [left.values, right.values];
  return (
    ArrayBuffer.isView(one) &&
    ArrayBuffer.isView(other) &&
    one.constructor === other.constructor &&
    left.stride.every((stride, axis) => stride === right.stride[axis]) &&
    sameBytes(one, other)
  );
}

/** Whether two stretches of memory hold the same bytes: word by word where they lie at multiples of four. */
export function sameBytes(one: ArrayBufferView, other: ArrayBufferView): boolean {
  const { byteLength } = one;
  if (byteLength !== other.byteLength) return false;
  const isAligned = one.byteOffset % 4 === 0 && other.byteOffset % 4 === 0;
  const words = isAligned ? byteLength >> 2 : 0;
  const [ones, others] = [wordsOf(one, words), wordsOf(other, words)];
  for (let k = 0; k < words; k++) if (ones[k] !== others[k]) return false;
  const [left, right] = [bytesOf(one), bytesOf(other)];
  for (let k = words * 4; k < byteLength; k++) if (left[k] !== right[k]) return false;
  return true;
}

function wordsOf({ buffer, byteOffset }: ArrayBufferView, count: number): Uint32Array {
  return count === 0 ? new Uint32Array(0) : new Uint32Array(buffer, byteOffset, count);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
