import type { ReadOptions } from "../bytes/source-and-sink.js";
import type { PixelArray } from "../open/node.js";
import { sameBytes } from "./same-bytes.js";

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
