import type { PixelArray, ReadOptions } from "@ozx/core";
import { countElements, loadZarrita } from "@ozx/core/internal";

/** Where two arrays of the same shape first differ. */
export interface ValueDifference {
  /** One index per axis. */
  readonly position: readonly number[];
  readonly left: unknown;
  readonly right: unknown;
  /** The part of the element that differs, such as the imaginary part; undefined if elements are plain numbers. */
  readonly part?: string | undefined;
}

/** A region of an array: its first position, and the position after its last one along each axis. */
export interface RegionBounds {
  readonly start: readonly number[];
  readonly stop: readonly number[];
}

/** Decodes one region of two arrays and finds the first position, in C order, at which it differs. */
export async function compareRegion(
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
  const { get, slice } = await loadZarrita();
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
