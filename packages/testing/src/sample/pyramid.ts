import { type NumberArray, type NumberType, numberArray } from "./values.js";

/** Planes of one level, one after another; the last two extents of `shape` are y and x. */
export interface Level {
  readonly shape: readonly number[];
  readonly values: NumberArray;
}

/** How a smaller level comes from a larger one: means for intensities, nearest for labels. */
export type Reduction = "mean" | "nearest";

/** The level itself and smaller ones, each half as high and wide as the one before, rounded up. */
export function buildPyramid(
  base: Level,
  { levels, dtype, reduction }: { levels: number; dtype: NumberType; reduction: Reduction },
): Level[] {
  const pyramid = [base];
  for (let last = base; pyramid.length < levels; pyramid.push(last)) last = halve(last, dtype, reduction);
  return pyramid;
}

function halve({ shape, values }: Level, dtype: NumberType, reduction: Reduction): Level {
  const [height = 1, width = 1] = shape.slice(-2);
  const planes = values.length / (height * width);
  const rows = Math.ceil(height / 2);
  const columns = Math.ceil(width / 2);
  const out = numberArray(dtype, planes * rows * columns);
  const round = dtype.startsWith("float") ? (mean: number) => mean : (mean: number) => Math.floor(mean + 0.5);
  let at = 0;
  for (let plane = 0; plane < planes; plane++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const top = (plane * height + 2 * row) * width;
        const left = 2 * column;
        if (reduction === "nearest") {
          out[at++] = values[top + left] ?? 0;
          continue;
        }
        // At an odd edge the last row or column stands for the missing one.
        const bottom = 2 * row + 1 < height ? top + width : top;
        const right = left + 1 < width ? left + 1 : left;
        const sum =
          (values[top + left] ?? 0) +
          (values[top + right] ?? 0) +
          (values[bottom + left] ?? 0) +
          (values[bottom + right] ?? 0);
        out[at++] = round(sum / 4);
      }
    }
  }
  return { shape: [...shape.slice(0, -2), rows, columns], values: out };
}
