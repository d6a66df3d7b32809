import { emptyLike, isBigInts, isFloats, type PixelBlock, type PixelValues } from "./pixel-values.js";

/** `mean` for intensities; `nearest` for labels, whose numbers must not be mixed. */
export type DownsampleMethod = "mean" | "nearest";

/** The extents after downsampling: what is left at an edge makes one more pixel. */
export function downsampledShape(shape: readonly number[], factors: readonly number[]): number[] {
  return shape.map((extent, axis) => Math.ceil(extent / (factors[axis] ?? 1)));
}

/**
 * Makes one pixel of each box of `factors` pixels.
 *
 * `mean` is the mean of the pixels that are there: at an odd edge a box is cut, and nothing is made up. For integers
 * it is exact and rounded to the nearest, halves to the even neighbour, so that level after level does not become
 * brighter; no sum overflows, 64 bits included. A NaN makes its box NaN. `nearest` is the pixel in the middle of
 * the box, before the middle where the factor is even.
 *
 * Boxes do not touch each other, so an image may be downsampled in tiles whose origins are multiples of the factors.
 *
 * @param factors whole numbers from 1 on, one an axis
 * @throws RangeError when factors are something else, or the block has not as many pixels as its shape says
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
  if (data.length !== sizeOf(shape)) {
    throw new RangeError(`${data.length} pixels do not make a block of ${shape.join(" x ")}`);
  }
  const out = emptyLike(data, sizeOf(smaller));
  const rows = method === "nearest" ? nearestRows(data, out) : meanRows(data, out);
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
    const middle = Math.min(first + ((f - 1) >> 1), extent - 1);
    const [a, b] = method === "nearest" ? [middle, middle + 1] : [first, stop];
    for (let i = a; i < b; i++) walk(axis - 1, from + i * stride, stride * extent);
  };
  const outer = smaller.slice(0, -1);
  const position = outer.map(() => 0);
  for (let row = sizeOf(outer); row > 0; row--) {
    starts.length = 0;
    walk(outer.length - 1, 0, width);
    rows({ starts, width, factor }, to, columns);
    to += columns;
    advance(position, outer);
  }
  return { data: out, shape: smaller };
}

/** The rows of the input that one row of the output is made of. */
interface SourceRows {
  readonly starts: readonly number[];
  readonly width: number;
  /** Along the rows. */
  readonly factor: number;
}

type MakeRow = (source: SourceRows, to: number, columns: number) => void;

function nearestRows(data: PixelValues, out: PixelValues): MakeRow {
  return ({ starts: [start = 0], width, factor }, to, columns) => {
    const middle = (factor - 1) >> 1;
    for (let x = 0; x < columns; x++) {
      out[to + x] = data[start + Math.min(x * factor + middle, width - 1)] as number;
    }
  };
}

function meanRows(data: PixelValues, out: PixelValues): MakeRow {
  if (isBigInts(data)) return meanOfBigInts(data, out as BigInt64Array | BigUint64Array);
  return meanOfNumbers(data, out as Exclude<PixelValues, BigInt64Array | BigUint64Array>);
}

type Numbers = Exclude<PixelValues, BigInt64Array | BigUint64Array>;

function meanOfNumbers(data: Numbers, out: Numbers): MakeRow {
  const whole = !isFloats(data);
  const isSmall = whole && data.BYTES_PER_ELEMENT <= 2;
  let sums = new Float64Array(0);
  return ({ starts, width, factor }, to, columns) => {
    if (isSmall && factor === 2 && starts.length === 2 && width === 2 * columns) {
      meanOfFours(data, starts as [number, number], out, to, columns);
      return;
    }
    if (sums.length < columns) sums = new Float64Array(columns);
    else sums.fill(0, 0, columns);
    for (const start of starts) addRow(data, start, width, factor, sums);
    for (let x = 0; x < columns; x++) {
      const count = starts.length * Math.min(factor, width - x * factor);
      const sum = sums[x] as number;
      if (whole) out[to + x] = roundHalfEven(sum / count);
      // Where doubles are so large that their sum is none any more, their parts are not.
      else out[to + x] = Number.isFinite(sum) ? sum / count : sumOfParts(data, starts, x * factor, count);
    }
  };
}

/** Boxes of 2 × 2, as most levels are made of; sums of 8 and 16 bits stay exact in whole numbers of 32 bits. */
function meanOfFours(
  data: Numbers,
  [above, below]: readonly [number, number],
  out: Numbers,
  to: number,
  columns: number,
): void {
  for (let x = 0, a = above, b = below; x < columns; x++, a += 2, b += 2) {
    const first = (data[a] as number) + (data[a + 1] as number);
    const sum = first + (data[b] as number) + (data[b + 1] as number);
    // A quarter that is odd gets one more: halves go to the even neighbour.
    out[to + x] = (sum + 1 + ((sum >> 2) & 1)) >> 2;
  }
}

/** Sums of 8 to 32 bits stay exact in a double, for boxes of up to 2 million pixels. */
function addRow(data: Numbers, start: number, width: number, factor: number, sums: Float64Array): void {
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

function sumOfParts(data: Numbers, starts: readonly number[], first: number, count: number): number {
  const columns = count / starts.length;
  let sum = 0;
  for (const start of starts) {
    for (let i = 0; i < columns; i++) sum += (data[start + first + i] as number) / count;
  }
  return sum;
}

function meanOfBigInts(data: BigInt64Array | BigUint64Array, out: BigInt64Array | BigUint64Array): MakeRow {
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

function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

function divideHalfEven(sum: bigint, count: bigint): bigint {
  let below = sum / count;
  // Division of bigints goes towards zero.
  if (sum < 0n && below * count !== sum) below -= 1n;
  const twice = 2n * (sum - below * count);
  if (twice !== count) return twice < count ? below : below + 1n;
  return below % 2n === 0n ? below : below + 1n;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** To the next position in C order, and from the last to the first. */
function advance(position: number[], shape: readonly number[]): void {
  for (let axis = position.length - 1; axis >= 0; axis--) {
    const next = (position[axis] ?? 0) + 1;
    position[axis] = next < (shape[axis] ?? 0) ? next : 0;
    if (position[axis] !== 0) return;
  }
}
