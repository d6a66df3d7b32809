import { type RankMethod, rankRows, type SourceRows, type WriteRow } from "./box-rows.js";
import { countElements } from "./grid-order.js";
import { emptyLike, isBigInts, isFloats, type PixelBlock, type PixelValues } from "./pixel-values.js";

/** `mean` for intensities; `nearest` for labels, whose values must not be mixed; and what else people ask for. */
export type DownsampleMethod = "mean" | "nearest" | "stride" | RankMethod;

/** The shape after downsampling; a remainder at an edge becomes one more pixel. */
export function downsampledShape(shape: readonly number[], factors: readonly number[]): number[] {
  return shape.map((extent, axis) => Math.ceil(extent / (factors[axis] ?? 1)));
}

/**
 * Downsamples pixels: each box of `factors` pixels becomes one.
 *
 * `mean` is the mean of the box; at an edge, of the pixels that exist. For integers, 64 bits included, it is exact and
 * rounded to the nearest, halves to even, so that levels do not become brighter and brighter. A NaN makes its box NaN.
 * `nearest` is the pixel in the middle of the box, or before the middle where the factor is even; `stride` is its first
 * pixel. For `median`, `mode`, `min` and `max` see `rankRows`.
 *
 * Boxes do not overlap, so an image may be downsampled in tiles whose origins are multiples of the factors.
 *
 * @param factors whole numbers from 1 on, one an axis
 * @throws RangeError when a factor is not valid, or the block does not have as many pixels as its shape
 */
export function downsample<Values extends PixelValues>(
  block: PixelBlock<Values>,
  factors: readonly number[],
  method: DownsampleMethod,
): PixelBlock<Values> {
  const { data, shape } = block;
  if (factors.length !== shape.length || !factors.every((f) => Number.isSafeInteger(f) && f >= 1)) {
    throw new RangeError(
      `factors must be ${shape.length} whole numbers from 1 on, not ${factors.join(", ")}`,
    );
  }
  const smaller = downsampledShape(shape, factors);
  if (data.length !== countElements(shape)) {
    throw new RangeError(`${data.length} pixels do not make a block of ${shape.join(" x ")}`);
  }
  const out = emptyLike(data, countElements(smaller));
  const middleOf = (factor: number): number => (method === "stride" ? 0 : (factor - 1) >> 1);
  const isOne = method === "nearest" || method === "stride";
  const rows = isOne ? onePixelRows(data, out, middleOf) : boxRows(data, out, method);
  // Rows are along the last axis; a block without axes is one row of one pixel.
  const width = shape.at(-1) ?? 1;
  const factor = factors.at(-1) ?? 1;
  const columns = smaller.at(-1) ?? 1;
  let to = 0;
  const starts: number[] = [];
  const walk = (axis: number, from: number, stride: number): void => {
    if (axis < 0) {
      starts.push(from);
      return;
    }
    const extent = shape[axis] ?? 1;
    const f = factors[axis] ?? 1;
    const first = (position[axis] ?? 0) * f;
    const stop = Math.min(first + f, extent);
    const middle = Math.min(first + middleOf(f), extent - 1);
    const [a, b] = isOne ? [middle, middle + 1] : [first, stop];
    for (let i = a; i < b; i++) walk(axis - 1, from + i * stride, stride * extent);
  };
  const outer = smaller.slice(0, -1);
  const position = outer.map(() => 0);
  for (let row = countElements(outer); row > 0; row--) {
    starts.length = 0;
    walk(outer.length - 1, 0, width);
    rows({ starts, width, factor }, to, columns);
    to += columns;
    advance(position, outer);
  }
  return { data: out, shape: smaller };
}

function onePixelRows(data: PixelValues, out: PixelValues, middleOf: (factor: number) => number): WriteRow {
  return ({ starts: [start = 0], width, factor }, to, columns) => {
    const middle = middleOf(factor);
    for (let x = 0; x < columns; x++) {
      out[to + x] = data[start + Math.min(x * factor + middle, width - 1)] as number;
    }
  };
}

function boxRows(data: PixelValues, out: PixelValues, method: "mean" | RankMethod): WriteRow {
  if (method !== "mean") return rankRows(data, out, method);
  if (isBigInts(data)) return meanOfBigInts(data, out as BigInt64Array | BigUint64Array);
  return meanOfNumbers(data, out as Exclude<PixelValues, BigInt64Array | BigUint64Array>);
}

/** The rows of boxes of one or two pixels along each other axis, of which at most two have two. */
const PAIRED_ROWS = new Set([1, 2, 4]);

type Numbers = Exclude<PixelValues, BigInt64Array | BigUint64Array>;

function meanOfNumbers(data: Numbers, out: Numbers): WriteRow {
  const whole = !isFloats(data);
  const isSmall = whole && data.BYTES_PER_ELEMENT <= 2;
  const ofPairs = meanOfPairs(data, out);
  let sums = new Float64Array(0);
  return (source, to, columns) => {
    const { starts, width, factor } = source;
    if (isSmall && factor === 2 && width === 2 * columns && PAIRED_ROWS.has(starts.length)) {
      ofPairs(source, to, columns);
      return;
    }
    if (sums.length < columns) sums = new Float64Array(columns);
    else sums.fill(0, 0, columns);
    for (const start of starts) addRow(data, start, source, sums);
    for (let x = 0; x < columns; x++) {
      const count = starts.length * Math.min(factor, width - x * factor);
      const sum = sums[x] as number;
      if (whole) out[to + x] = roundHalfEven(sum / count);
      // Where the sum of doubles overflows, that of their fractions does not.
      else out[to + x] = Number.isFinite(sum) ? sum / count : sumOfFractions(data, starts, x * factor, count);
    }
  };
}

/**
 * Boxes of two pixels along one, two or three axes, the usual case: the sums of 8 and 16 bits are exact in integers of 32
 * bits, and a shift divides them. What is added before it rounds halves to even.
 */
function meanOfPairs(data: Numbers, out: Numbers): WriteRow {
  return ({ starts }, to, columns) => {
    let [a = 0, b = 0, c = 0, d = 0] = starts;
    if (starts.length === 4) {
      for (let x = to; x < to + columns; x++, a += 2, b += 2, c += 2, d += 2) {
        const near = pairAt(data, a) + pairAt(data, b);
        const sum = near + pairAt(data, c) + pairAt(data, d);
        out[x] = (sum + 3 + ((sum >> 3) & 1)) >> 3;
      }
    } else if (starts.length === 2) {
      for (let x = to; x < to + columns; x++, a += 2, b += 2) {
        const sum = pairAt(data, a) + pairAt(data, b);
        out[x] = (sum + 1 + ((sum >> 2) & 1)) >> 2;
      }
    } else {
      for (let x = to; x < to + columns; x++, a += 2) {
        const sum = pairAt(data, a);
        out[x] = (sum + ((sum >> 1) & 1)) >> 1;
      }
    }
  };
}

function pairAt(data: Numbers, at: number): number {
  return (data[at] as number) + (data[at + 1] as number);
}

/** Adds a row to the sums of its boxes. Sums of 8 to 32 bits are exact in doubles, for boxes of up to 2 million pixels. */
function addRow(data: Numbers, start: number, { width, factor }: SourceRows, sums: Float64Array): void {
  if (factor === 2) {
    const pairs = width >> 1;
    for (let x = 0, at = start; x < pairs; x++, at += 2) {
      sums[x] = (sums[x] as number) + ((data[at] as number) + (data[at + 1] as number));
    }
    if (width & 1) sums[pairs] = (sums[pairs] as number) + (data[start + width - 1] as number);
    return;
  }
  for (let i = 0, x = 0; i < width; x++) {
    for (const stop = Math.min(i + factor, width); i < stop; i++) {
      sums[x] = (sums[x] as number) + (data[start + i] as number);
    }
  }
}

function sumOfFractions(data: Numbers, starts: readonly number[], first: number, count: number): number {
  const columns = count / starts.length;
  let sum = 0;
  for (const start of starts) {
    for (let i = 0; i < columns; i++) sum += (data[start + first + i] as number) / count;
  }
  return sum;
}

function meanOfBigInts(data: BigInt64Array | BigUint64Array, out: BigInt64Array | BigUint64Array): WriteRow {
  return ({ starts, width, factor }, to, columns) => {
    for (let x = 0; x < columns; x++) {
      const first = x * factor;
      const stop = Math.min(first + factor, width);
      let sum = 0n;
      for (const start of starts) for (let i = first; i < stop; i++) sum += data[start + i] as bigint;
      out[to + x] = divideHalfEven(sum, BigInt(starts.length * (stop - first)));
    }
  };
}

/** The nearest whole number, and of two the even one. */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/** The nearest whole number to a fraction, and of two the even one. */
export function divideHalfEven(sum: bigint, count: bigint): bigint {
  let below = sum / count;
  // Division of bigints rounds towards zero.
  if (sum < 0n && below * count !== sum) below -= 1n;
  const twice = 2n * (sum - below * count);
  if (twice !== count) return twice < count ? below : below + 1n;
  return below % 2n === 0n ? below : below + 1n;
}

/** Advances to the next position in C order, and from the last to the first. */
function advance(position: number[], shape: readonly number[]): void {
  for (let axis = position.length - 1; axis >= 0; axis--) {
    const next = (position[axis] ?? 0) + 1;
    position[axis] = next < (shape[axis] ?? 0) ? next : 0;
    if (position[axis] !== 0) return;
  }
}
