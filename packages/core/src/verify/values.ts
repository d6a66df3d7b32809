import type { ReadOptions } from "../bytes/byte-source.js";
import type { PixelArray } from "../open/node.js";
import { openArray } from "../open/open-array.js";
import { readAhead } from "../store/read-ahead.js";
import type { Store } from "../store/store.js";
import type { ArrayNode } from "../zarr/node.js";

/** Where two arrays of the same shape first differ. */
export interface ValueDifference {
  readonly position: readonly number[];
  readonly left: unknown;
  readonly right: unknown;
}

/** Regions that are read and compared at once. */
const REGIONS_AT_ONCE = 4;
/** A region of both arrays' larger chunks is read at once unless it has more elements than this. */
const REGION_ELEMENTS = 32 * 1024 * 1024;

/**
 * Decodes two arrays of the same shape, region by region, and finds the first position at which their values
 * differ. NaN equals NaN, and -0 is not 0.
 *
 * @param onRegion called with the number of elements of each region that was compared
 */
export async function compareValues(
  left: { store: Store; node: ArrayNode },
  right: { store: Store; node: ArrayNode },
  options: ReadOptions & { onRegion?: (elements: number) => void } = {},
): Promise<ValueDifference | undefined> {
  const [leftArray, rightArray] = await Promise.all([
    openArray(left.store, left.node),
    openArray(right.store, right.node),
  ]);
  const { shape } = left.node.array;
  const compare = async (start: readonly number[]): Promise<ValueDifference | undefined> => {
    options.signal?.throwIfAborted();
    const stop = start.map((at, axis) => Math.min(at + (extents[axis] as number), shape[axis] as number));
    const regions = await Promise.all([
      readRegion(leftArray, start, stop, options),
      readRegion(rightArray, start, stop, options),
    ]);
    const difference = firstUnequal(...regions, start);
    options.onRegion?.(stop.reduce((product, end, axis) => product * (end - (start[axis] as number)), 1));
    return difference;
  };
  const extents = regionShape(left.node, right.node);
  for await (const difference of readAhead(regions(shape, extents), REGIONS_AT_ONCE, compare)) {
    if (difference !== undefined) return difference;
  }
  return undefined;
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
  const { data, shape, stride } = await get(array, selection, signal === undefined ? {} : { signal });
  return { values: elementsOf(data), shape, stride };
}

/** zarrita's arrays of booleans and fixed-length texts have no index access, only `get`. */
function elementsOf(data: unknown): ArrayLike<unknown> {
  if (Array.isArray(data) || ArrayBuffer.isView(data)) return data as unknown as ArrayLike<unknown>;
  return Array.from(data as Iterable<unknown>);
}

function firstUnequal(left: Region, right: Region, start: readonly number[]): ValueDifference | undefined {
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

/** The larger of both chunks along each axis, so that most chunks are decoded once. */
function regionShape(left: ArrayNode, right: ArrayNode): readonly number[] {
  const chunks = left.array.chunkShape;
  const larger = chunks.map((extent, axis) => Math.max(extent, right.array.chunkShape[axis] ?? 1));
  return larger.reduce((product, extent) => product * extent, 1) <= REGION_ELEMENTS ? larger : chunks;
}

/** The first positions of all regions, in C order. */
function* regions(shape: readonly number[], extents: readonly number[]): Generator<number[]> {
  if (shape.includes(0)) return;
  const start = shape.map(() => 0);
  for (;;) {
    yield [...start];
    let axis = shape.length - 1;
    for (; axis >= 0; axis--) {
      const next = (start[axis] as number) + (extents[axis] as number);
      start[axis] = next < (shape[axis] as number) ? next : 0;
      if (start[axis] !== 0) break;
    }
    if (axis < 0) return;
  }
}
