import { type NumberArray, type NumberType, numberArray } from "./values.js";

/** Every position of a grid, the last axis fastest. */
export function* positions(grid: readonly number[]): Generator<number[]> {
  const count = grid.reduce((product, extent) => product * extent, 1);
  for (let n = 0; n < count; n++) {
    let rest = n;
    const position = grid.map(() => 0);
    for (let axis = grid.length - 1; axis >= 0; axis--) {
      const extent = grid[axis] ?? 1;
      position[axis] = rest % extent;
      rest = Math.floor(rest / extent);
    }
    yield position;
  }
}

/** How many blocks cover a shape along each axis. */
export function gridOf(shape: readonly number[], block: readonly number[]): number[] {
  return shape.map((extent, axis) => Math.ceil(extent / (block[axis] ?? 1)));
}

/** A box of `extent` at `start`, which may reach beyond the array. */
export interface Box {
  readonly start: readonly number[];
  readonly extent: readonly number[];
}

/** Copies a box out of an array in C order; what lies beyond the array is 0. */
export function cutBox(
  { shape, values, dtype }: { shape: readonly number[]; values: NumberArray; dtype: NumberType },
  { start, extent }: Box,
): NumberArray {
  const width = extent.at(-1) ?? 1;
  const box = numberArray(
    dtype,
    extent.reduce((product, n) => product * n, 1),
  );
  const valid = Math.min(width, (shape.at(-1) ?? 1) - (start.at(-1) ?? 0));
  let at = 0;
  for (const row of positions(extent.slice(0, -1))) {
    let from = 0;
    let inside = valid > 0;
    row.forEach((offset, axis) => {
      const index = (start[axis] ?? 0) + offset;
      inside &&= index < (shape[axis] ?? 1);
      from = from * (shape[axis] ?? 1) + index;
    });
    from = from * (shape.at(-1) ?? 1) + (start.at(-1) ?? 0);
    if (inside) box.set(values.subarray(from, from + valid), at);
    at += width;
  }
  return box;
}

/** Turns a box from C order to F order: the first axis becomes the fastest. */
export function toFortranOrder(box: NumberArray, dtype: NumberType, extent: readonly number[]): NumberArray {
  const turned = numberArray(dtype, box.length);
  let from = 0;
  for (const position of positions(extent)) {
    let to = 0;
    for (let axis = extent.length - 1; axis >= 0; axis--) {
      to = to * (extent[axis] ?? 1) + (position[axis] ?? 0);
    }
    turned[to] = box[from++] ?? 0;
  }
  return turned;
}
