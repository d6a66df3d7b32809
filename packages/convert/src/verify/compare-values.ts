import type { ArrayNode, ChunkWorkers, PixelArray, ReadOptions, Store } from "@ozx/core";
import { readAhead } from "@ozx/core/container";
import {
  type ChunkCoding,
  checkChunksKnown,
  codingOf,
  countElements,
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

interface ArrayInStore {
  readonly store: Store;
  readonly node: ArrayNode;
}

interface CompareOptions extends ReadOptions {
  /** Where chunks are decompressed; in the calling thread by default. */
  readonly workers?: ChunkWorkers | undefined;
  /** Called with the number of elements of each region that was compared. */
  readonly onRegion?: ((elements: number) => void) | undefined;
}

/** The approximate size of decoded pixels that are in memory at once, in bytes. */
const DECODED_AT_ONCE = 512 * 1024 * 1024;
/** Regions that are compared at once, whatever their size. */
const REGIONS_AT_LEAST = 4;
/** The most elements of a region that is larger than the chunks of the left array. */
const REGION_ELEMENTS = 32 * 1024 * 1024;

/** Where two arrays of the same shape first differ. */
interface ValueDifference {
  /** One index per axis. */
  readonly position: readonly number[];
  readonly left: unknown;
  readonly right: unknown;
  /** The part of the element that differs, such as the imaginary part; undefined if elements are plain numbers. */
  readonly part?: string | undefined;
}

/** A region of an array: its first position, and the position after its last one along each axis. */
interface RegionBounds {
  readonly start: readonly number[];
  readonly stop: readonly number[];
}

/**
 * Finds the first position, in C order, at which two arrays of the same shape and type differ. NaN equals NaN, and
 * -0 differs from 0.
 *
 * Chunks with the same bytes and the same codecs are not decoded: damage that both arrays share is not a difference. All
 * other chunks are decoded and compared region by region.
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
    const difference = isSame ? undefined : await compareElements(one, other, { start, stop }, { signal });
    options.onRegion?.(countElements(stop.map((end, axis) => end - (start[axis] as number))));
    return { start, difference };
  };
  const bytes = countElements(extents) * (itemSizeOf(left.node.array.dtype) ?? 1);
  const atOnce = Math.min(
    Math.max(REGIONS_AT_LEAST, workers.atOnce),
    Math.max(REGIONS_AT_LEAST, Math.floor(DECODED_AT_ONCE / (2 * bytes))),
  );
  let first: ValueDifference | undefined;
  for await (const { start, difference } of readAhead(positionsOf(shape, extents), atOnce, compare)) {
    // Regions interleave in C order: a region next to this one may have a difference at an earlier position.
    if (first !== undefined && isBefore(first.position, start)) break;
    if (difference === undefined) continue;
    if (first === undefined || isBefore(difference.position, first.position)) first = difference;
  }
  return first;
}

/** One of the two arrays, and how its chunks are stored. */
interface Side {
  readonly node: ArrayNode;
  /** Opens the array. Rejects if it cannot be decoded, which is not needed for chunks with the same bytes. */
  readonly array: () => Promise<PixelArray>;
  /** The parts of an element along the last dimension of `array`; none if elements are numbers or strings. */
  readonly parts: readonly string[];
  readonly coding: ChunkCoding;
  readonly chunks: StoredChunks | undefined;
}

function sideOf(stored: ArrayInStore, workers: ChunkWorkers): Side {
  const { store, node } = stored;
  checkChunksKnown(node, store.name);
  const coding = codingOf(node);
  const chunks = storedChunks(store, node);
  const elements = coding.plain && elementParts(node, coding.plain);
  const plain = elements ?? coding.plain;
  const array = memoize(() =>
    chunks && plain ? openDecodedArray(stored, chunks, plain, workers) : openArray(store, node),
  );
  return { node, array, parts: elements?.parts ?? [], coding, chunks };
}

async function compareElements(
  one: Side,
  other: Side,
  { start, stop }: RegionBounds,
  options: ReadOptions,
): Promise<ValueDifference | undefined> {
  const [left, right] = await Promise.all([one.array(), other.array()]);
  const { parts } = one;
  if (parts.length === 0) return compareRegion(left, right, { start, stop }, options);
  const bounds = { start: [...start, 0], stop: [...stop, parts.length] };
  const found = await compareRegion(left, right, bounds, options);
  return (
    found && { ...found, position: found.position.slice(0, -1), part: parts[found.position.at(-1) ?? 0] }
  );
}

/** Compares the stored bytes of a chunk; undefined if equal bytes do not mean equal pixels in these arrays. */
function sameStored(one: Side, other: Side) {
  const { chunks: ones } = one;
  const { chunks: others } = other;
  const isSameCoding =
    one.coding.layout === other.coding.layout &&
    firstDifference(one.node.array.chunkShape, other.node.array.chunkShape) === undefined;
  if (!isSameCoding || ones === undefined || others === undefined) return undefined;
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

/** The larger of the two chunk extents along each axis, so that most chunks are decoded once. */
function regionShape(left: ArrayNode, right: ArrayNode): readonly number[] {
  const chunks = left.array.chunkShape;
  const larger = chunks.map((extent, axis) => Math.max(extent, right.array.chunkShape[axis] ?? 1));
  return countElements(larger) <= REGION_ELEMENTS ? larger : chunks;
}

/** Decodes one region of two arrays and finds the first position, in C order, at which it differs. */
async function compareRegion(
  left: PixelArray,
  right: PixelArray,
  bounds: RegionBounds,
  options: ReadOptions,
): Promise<ValueDifference | undefined> {
  const [one, other] = await Promise.all([
    readRegion(left, bounds, options),
    readRegion(right, bounds, options),
  ]);
  return firstUnequal(one, other, bounds.start);
}

interface Region {
  readonly values: ArrayLike<unknown>;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
}

async function readRegion(
  array: PixelArray,
  { start, stop }: RegionBounds,
  { signal }: ReadOptions,
): Promise<Region> {
  // Loaded only when pixels are read, as in `openArray`.
  const { get, slice } = await import("zarrita");
  const selection = start.map((at, axis) => slice(at, stop[axis] as number));
  const options = signal === undefined ? {} : { signal };
  // For an array without dimensions, `get` returns the bare value.
  const isScalar = start.length === 0;
  const { data, shape, stride } = isScalar
    ? await array.getChunk([], options)
    : await get(array, selection, options);
  return { values: elementsOf(data), shape, stride };
}

/** zarrita's arrays of booleans and fixed-length strings have no index access, only `get`. */
function elementsOf(data: unknown): ArrayLike<unknown> {
  if (Array.isArray(data) || ArrayBuffer.isView(data)) return data as unknown as ArrayLike<unknown>;
  return Array.from(data as Iterable<unknown>);
}

function firstUnequal(left: Region, right: Region, start: readonly number[]): ValueDifference | undefined {
  if (isSameInMemory(left, right)) return undefined;
  const position = new Array<number>(left.shape.length).fill(0);
  const count = countElements(left.shape);
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

/** Whether two regions have the same type, order and bits: the usual case, which is fast to check. */
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

/** Whether two views hold the same bytes. Compares words of 4 bytes if both are aligned. */
function sameBytes(one: ArrayBufferView, other: ArrayBufferView): boolean {
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
