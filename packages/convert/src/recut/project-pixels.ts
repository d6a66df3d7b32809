import { UsageError } from "@ozx/core";
import {
  countElements,
  divideHalfEven,
  itemSizeOf,
  type PixelBlock,
  pixelsOfType,
  positionsOf,
  roundHalfEven,
} from "@ozx/core/internal";

/** How the pixels along an axis become one. */
export type ProjectMethod = "max" | "min" | "mean" | "sum";

export const PROJECT_METHODS: readonly ProjectMethod[] = ["max", "mean", "sum", "min"];

/** A projection, as it is asked for: an axis and a method. */
export interface ProjectRequest {
  readonly axis: string;
  readonly method: ProjectMethod;
}

/**
 * Parses a projection as the command line spells it: `z=max`.
 *
 * @throws UsageError listing the methods
 */
export function parseProjection(text: string): ProjectRequest {
  const [, axis = "", method] = /^\s*([^=\s]+)\s*=\s*(\w+)\s*$/.exec(text) ?? [];
  const known = PROJECT_METHODS.find((name) => name === method);
  if (axis !== "" && known !== undefined) return { axis, method: known };
  throw new UsageError(
    `${JSON.stringify(text)} is not a projection: give an axis and one of ${PROJECT_METHODS.join(", ")}, as in z=max`,
  );
}

/**
 * The data type of projected pixels: that of the pixels, but for sums of integers, which have the type of 32 bits that
 * holds every possible sum, or else of 64.
 *
 * @param count how many pixels become one
 */
export function projectedType(dtype: string, method: ProjectMethod, count: number): string {
  if (method !== "sum" || dtype.startsWith("float")) return dtype;
  const bits = dtype === "bool" ? 1 : (itemSizeOf(dtype) ?? 1) * 8;
  const isSigned = dtype.startsWith("int");
  const most = isSigned ? 2 ** (bits - 1) : 2 ** bits - 1;
  const fits = most * count <= (isSigned ? 2 ** 31 - 1 : 2 ** 32 - 1);
  return `${isSigned ? "int" : "uint"}${fits ? 32 : 64}`;
}

/** Collects pixels that become fewer, block by block. */
export interface Projection {
  /** Takes a block: all of the projected pixels along all other axes, and some of them along the projected ones. */
  add(block: PixelBlock): void;
  /** What the pixels have become, of the data type {@link projectedType}. */
  result(): PixelBlock;
}

/**
 * Projects pixels along axes. Means of integers are exact and rounded to the nearest, halves to even, as those of
 * downsampled levels. A NaN makes the pixel NaN.
 *
 * @param dtype of the pixels
 * @param shape of the result: 1 along the projected axes
 * @param count how many pixels become one
 */
export function createProjection(
  dtype: string,
  {
    shape,
    axes,
    method,
    count,
  }: {
    readonly shape: readonly number[];
    readonly axes: readonly number[];
    readonly method: ProjectMethod;
    readonly count: number;
  },
): Projection {
  const length = countElements(shape);
  const isBig = dtype === "int64" || dtype === "uint64";
  const sums = isBig ? new Array<bigint>(length) : new Float64Array(length);
  let isFirst = true;
  const put = createPutter(sums as Float64Array, method, isBig);
  return {
    add({ data, shape: from }) {
      forEachRow(from, shape, axes, (at, to, step) => {
        put(data as Float64Array, { at, to, step, length: from.at(-1) ?? 1 }, isFirst);
      });
      isFirst = false;
    },
    result() {
      const out = pixelsOfType(projectedType(dtype, method, count), length);
      if (out === undefined) throw new TypeError(`${dtype} is not projected`);
      const finish = finisher(method, count, { isBig, isFloat: dtype.startsWith("float") });
      const isWide = typeof out[0] === "bigint";
      for (let k = 0; k < length; k++) {
        const value = finish(sums[k] as number);
        out[k] = isWide && typeof value === "number" ? BigInt(value) : value;
      }
      return { data: out, shape };
    },
  };
}

/** A row of a block, and where its pixels go. */
interface Row {
  readonly at: number;
  readonly to: number;
  /** 0 where all pixels of the row become one. */
  readonly step: 0 | 1;
  readonly length: number;
}

type Putter = (data: Float64Array, row: Row, isFirst: boolean) => void;

/** Numbers and bigints are compared and added alike. */
function createPutter(sums: Float64Array, method: ProjectMethod, isBig: boolean): Putter {
  const seen = new Uint8Array(sums.length);
  const isStart = (to: number, isFirst: boolean): boolean => {
    if (!isFirst || seen[to] === 1) return false;
    seen[to] = 1;
    return true;
  };
  if (method === "sum" || method === "mean") {
    const zero = (isBig ? 0n : 0) as number;
    return (data, { at, to, step, length }, isFirst) => {
      for (let k = 0; k < length; k++) {
        const target = to + k * step;
        const before = isStart(target, isFirst) ? zero : (sums[target] as number);
        sums[target] = before + (data[at + k] as number);
      }
    };
  }
  const isMax = method === "max";
  return (data, { at, to, step, length }, isFirst) => {
    for (let k = 0; k < length; k++) {
      const target = to + k * step;
      const value = data[at + k] as number;
      const found = sums[target] as number;
      const isNext = isMax ? value > found : value < found;
      if (isStart(target, isFirst) || isNext || (!isBig && Number.isNaN(value))) sums[target] = value;
    }
  };
}

/** What a pixel becomes when all have been taken. */
function finisher(
  method: ProjectMethod,
  count: number,
  { isBig, isFloat }: { readonly isBig: boolean; readonly isFloat: boolean },
): (value: number) => number {
  if (method !== "mean") return (value) => value;
  if (isFloat) return (sum) => sum / count;
  if (!isBig) return (sum) => roundHalfEven(sum / count);
  return (sum) => divideHalfEven(sum as unknown as bigint, BigInt(count)) as unknown as number;
}

/** Visits the rows of a block, with the index of the pixel that the first of a row goes to. */
function forEachRow(
  from: readonly number[],
  to: readonly number[],
  axes: readonly number[],
  visit: (at: number, target: number, step: 0 | 1) => void,
): void {
  const last = from.length - 1;
  const step = axes.includes(last) ? 0 : 1;
  const width = from[last] ?? 1;
  let at = 0;
  for (const position of positionsOf(from.slice(0, -1))) {
    let target = 0;
    for (const [axis, index] of position.entries()) {
      target = target * (to[axis] ?? 1) + (axes.includes(axis) ? 0 : index);
    }
    visit(at, target * (to[last] ?? 1), step);
    at += width;
  }
}
