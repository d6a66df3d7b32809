import { countElements, positionsOf } from "../../image/grid-order.js";

/** Elements as bytes, in C order. */
export interface ElementBlock {
  readonly block: Uint8Array;
  readonly shape: readonly number[];
}

/** A number of equal elements. */
export function fillElements(count: number, element: readonly number[]): Uint8Array {
  const out = new Uint8Array(count * element.length);
  if (out.length === 0 || element.every((byte) => byte === 0)) return out;
  out.set(element);
  // What is filled is doubled.
  for (let filled = element.length; filled < out.length; filled *= 2) {
    out.copyWithin(filled, 0, Math.min(filled, out.length - filled));
  }
  return out;
}

/** Copies a block into a larger one, row by row. */
export function copyBlock(
  from: ElementBlock,
  to: ElementBlock,
  origin: readonly number[],
  itemSize: number,
): void {
  const row = (from.shape.at(-1) ?? 1) * itemSize;
  let at = 0;
  for (const position of positionsOf(from.shape.slice(0, -1))) {
    const index = to.shape.reduce(
      (sum, extent, axis) => sum * extent + (origin[axis] ?? 0) + (position[axis] ?? 0),
      0,
    );
    to.block.set(from.block.subarray(at, at + row), index * itemSize);
    at += row;
  }
}

/** The elements with the bytes of each number in reverse order. */
export function swapBytes(bytes: Uint8Array, width: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += width) {
    for (let k = 0; k < width; k++) out[at + k] = bytes[at + width - 1 - k] as number;
  }
  return out;
}

/**
 * Undoes a transposition.
 *
 * @param shape of the transposed block: its axis `i` is the axis `order[i]` of the result
 */
export function untransposed(
  block: Uint8Array,
  shape: readonly number[],
  order: readonly number[],
  itemSize: number,
): ElementBlock {
  const result: number[] = [];
  for (const [from, axis] of order.entries()) result[axis] = shape[from] ?? 1;
  if (order.every((axis, from) => axis === from)) return { block, shape };
  const out = new Uint8Array(countElements(shape) * itemSize);
  // The distance in the result between neighbours along each axis of the transposed block.
  const strides = order.map((axis) => countElements(result.slice(axis + 1)) * itemSize);
  let from = 0;
  for (const position of positionsOf(shape)) {
    let to = 0;
    for (let k = 0; k < position.length; k++) to += (position[k] as number) * (strides[k] as number);
    for (let k = 0; k < itemSize; k++) out[to + k] = block[from++] as number;
  }
  return { block: out, shape: result };
}
