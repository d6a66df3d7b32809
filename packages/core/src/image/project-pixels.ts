import { divideHalfEven, roundHalfEven } from "./downsample.js";
import { countElements, positionsOf } from "./grid-order.js";
import { type PixelBlock, pixelsOfType } from "./pixel-values.js";

/** How the pixels along an axis become one. */
export type ProjectMethod = "max" | "min" | "mean" | "sum";

/**
 * The data type of projected pixels: that of the pixels, but for sums of integers, which have the type of 32 bits that
 * holds every possible sum, or else of 64.
 *
 * @param count how many pixels become one
 */
export function projectedType(dtype: string, method: ProjectMethod, count: number): string {
  if (method !== "sum" || dtype.startsWith("float")) return dtype;
  const bits = dtype === "bool" ? 1 : (pixelsOfType(dtype, 0)?.BYTES_PER_ELEMENT ?? 1) * 8;
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
  const start = startOf(method);
  const values = isBig
    ? new Array<bigint>(length).fill(start.big)
    : new Float64Array(length).fill(start.number);
  const put = method === "sum" || method === "mean" ? addRow : method === "max" ? maxRow : minRow;
  return {
    add({ data, shape: from }) {
      // Numbers and bigints are compared and added alike.
      const [pixels, sums] = [data as Float64Array, values as Float64Array];
      forEachRow(from, shape, axes, (at, to, step) => {
        put(pixels, sums, { at, to, step, length: from.at(-1) ?? 1 });
      });
    },
    result() {
      const out = pixelsOfType(projectedType(dtype, method, count), length);
      if (out === undefined) throw new TypeError(`${dtype} is not projected`);
      const finish = finisher(method, count, { isBig, isFloat: dtype.startsWith("float") });
      const isWide = typeof out[0] === "bigint";
      for (let k = 0; k < length; k++) {
        const value = finish(values[k] as number);
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

/** What a pixel is before any is taken. */
function startOf(method: ProjectMethod): { readonly number: number; readonly big: bigint } {
  if (method === "max") return { number: -Infinity, big: -(2n ** 63n) };
  return method === "min" ? { number: Infinity, big: 2n ** 64n } : { number: 0, big: 0n };
}

function addRow(data: Float64Array, sums: Float64Array, { at, to, step, length }: Row): void {
  for (let k = 0, target = to; k < length; k++, target += step) {
    sums[target] = (sums[target] as number) + (data[at + k] as number);
  }
}

function maxRow(data: Float64Array, found: Float64Array, { at, to, step, length }: Row): void {
  for (let k = 0, target = to; k < length; k++, target += step) {
    const value = data[at + k] as number;
    if (value > (found[target] as number) || isNaNValue(value)) found[target] = value;
  }
}

function minRow(data: Float64Array, found: Float64Array, { at, to, step, length }: Row): void {
  for (let k = 0, target = to; k < length; k++, target += step) {
    const value = data[at + k] as number;
    if (value < (found[target] as number) || isNaNValue(value)) found[target] = value;
  }
}

/** NaN stays, whatever follows. Bigints are asked too. */
function isNaNValue(value: number): boolean {
  // biome-ignore lint/suspicious/noSelfCompare: Number.isNaN would ask for the type of each pixel first
  return value !== value;
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
