import { isBigInts, type PixelValues } from "./pixel-values.js";

/** The rows of the input that become one row of the output. */
export interface SourceRows {
  /** The index of the first pixel of each row. */
  readonly starts: readonly number[];
  readonly width: number;
  /** Along the rows. */
  readonly factor: number;
}

/** Writes one row of the output, `columns` pixels from the index `to` on. */
export type WriteRow = (source: SourceRows, to: number, columns: number) => void;

/** What takes one of the pixels of a box, so that no value is made that the image does not have. */
export type RankMethod = "median" | "mode" | "min" | "max";

/**
 * Takes one pixel of each box. Of an even number of pixels the median is the lower one of the two in the middle, and of
 * values that are equally frequent the mode is the smallest, as in tensorstore. NaN is larger than all numbers, but makes
 * also the minimum NaN, as in numpy.
 */
export function rankRows(data: PixelValues, out: PixelValues, method: RankMethod): WriteRow {
  if (method === "min" || method === "max") return extremeRows(data, out, method === "max");
  const take = method === "median" ? (length: number) => (length - 1) >> 1 : undefined;
  // Numbers and bigints are compared alike.
  const [values, result] = [data as Uint8Array, out as Uint8Array];
  const box: number[] = [];
  return ({ starts, width, factor }, to, columns) => {
    for (let x = 0; x < columns; x++) {
      const first = x * factor;
      const stop = Math.min(first + factor, width);
      box.length = 0;
      for (const start of starts) for (let i = first; i < stop; i++) insert(box, values[start + i] as number);
      result[to + x] = box[take === undefined ? mostFrequent(box) : take(box.length)] as number;
    }
  };
}

function extremeRows(data: PixelValues, out: PixelValues, isMax: boolean): WriteRow {
  const [values, result] = [data as Uint8Array, out as Uint8Array];
  const hasNaN = !isBigInts(data);
  return ({ starts, width, factor }, to, columns) => {
    for (let x = 0; x < columns; x++) {
      const first = x * factor;
      const stop = Math.min(first + factor, width);
      let found = values[(starts[0] ?? 0) + first] as number;
      for (const start of starts) {
        for (let i = first; i < stop; i++) {
          const value = values[start + i] as number;
          if ((isMax ? value > found : value < found) || (hasNaN && Number.isNaN(value))) found = value;
        }
      }
      result[to + x] = found;
    }
  };
}

/** Inserts a value into a sorted list, NaN at its end. */
function insert(sorted: number[], value: number): void {
  let at = sorted.length;
  if (!isNaNValue(value)) {
    while (at > 0 && ((sorted[at - 1] as number) > value || isNaNValue(sorted[at - 1] as number))) at--;
  }
  sorted.splice(at, 0, value);
}

function isNaNValue(value: number): boolean {
  // Only NaN differs from itself, and bigints are compared too.
  // biome-ignore lint/suspicious/noSelfCompare: Number.isNaN would take each bigint for a number first
  return value !== value;
}

/** The index of the first of the values that are most frequent in a sorted list. */
function mostFrequent(sorted: readonly number[]): number {
  let [best, most] = [0, 0];
  for (let from = 0; from < sorted.length; ) {
    let to = from + 1;
    while (to < sorted.length && sorted[to] === sorted[from]) to++;
    if (to - from > most) [best, most] = [from, to - from];
    from = to;
  }
  return best;
}
