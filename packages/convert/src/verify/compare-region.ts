import type { PixelArray, ReadOptions } from "@ozx/core";
import { countElements, loadZarrita, sameBytes } from "@ozx/core/internal";

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

/** Reads regions of an array. */
export type RegionReader = (
  bounds: RegionBounds,
  options?: ReadOptions,
) => Promise<{
  readonly data: unknown;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
}>;

/** Decodes one region of two arrays and finds the first position, in C order, at which it differs. */
export async function compareRegion(
  left: RegionReader,
  right: RegionReader,
  bounds: RegionBounds,
  options: ReadOptions,
): Promise<ValueDifference | undefined> {
  const [one, other] = await Promise.all([left(bounds, options), right(bounds, options)]);
  return firstUnequal(asRegion(one), asRegion(other), bounds.start);
}

interface Region {
  readonly values: ArrayLike<unknown>;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
}

function asRegion({ data, shape, stride }: Awaited<ReturnType<RegionReader>>): Region {
  return { values: elementsOf(data), shape, stride };
}

/** Reads regions with zarrita: of texts, of what filters have calculated, and of what has parts. */
export function readerByZarrita(array: PixelArray): RegionReader {
  return async ({ start, stop }, { signal } = {}) => {
    // Loaded only when pixels are read, as in `openArray`.
    const { get, slice } = await loadZarrita();
    const selection = start.map((at, axis) => slice(at, stop[axis] as number));
    const options = signal === undefined ? {} : { signal };
    // For an array without dimensions, `get` returns the bare value.
    const isScalar = start.length === 0;
    return isScalar ? array.getChunk([], options) : get(array, selection, options);
  };
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
