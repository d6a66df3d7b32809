/** An order of the tiles of an image in which larger blocks, and tiles of lower levels, are soon complete. */
export interface TileOrder {
  /** All positions of the grid. */
  positions(): Generator<readonly number[]>;
  /** Negative where `a` comes first. Moving along an axis never moves a position forward in the order. */
  compare(a: readonly number[], b: readonly number[]): number;
}

/**
 * Orders tiles by blocks, and within a block by the next smaller blocks, down to the tiles. At each step the order is
 * {@link zOrder}.
 *
 * @param grid the number of tiles along each axis
 * @param near the axes to order in Z-order
 * @param blocks shapes in tiles, such as that of a shard: the largest first, each a multiple of the next
 */
export function createTileOrder(
  grid: readonly number[],
  near: readonly boolean[],
  blocks: readonly (readonly number[])[] = [],
): TileOrder {
  function* positionsInBlocks(
    extent: readonly number[],
    [block, ...smaller]: typeof blocks,
  ): Generator<readonly number[]> {
    if (block === undefined) return yield* zOrder(extent, near);
    const counts = gridShape(extent, block);
    for (const index of zOrder(counts, near)) {
      const origin = originOf(index, block);
      const within = extent.map((tiles, axis) => Math.min(block[axis] ?? 1, tiles - (origin[axis] ?? 0)));
      for (const position of positionsInBlocks(within, smaller)) {
        yield position.map((at, axis) => at + (origin[axis] ?? 0));
      }
    }
  }

  const compareIn = (
    a: readonly number[],
    b: readonly number[],
    [block, ...smaller]: typeof blocks,
  ): number => {
    if (block === undefined) return compareInZOrder(a, b, near);
    const blockOf = (position: readonly number[]): number[] =>
      position.map((at, axis) => Math.floor(at / (block[axis] ?? 1)));
    const inside = (position: readonly number[]): number[] =>
      position.map((at, axis) => at % (block[axis] ?? 1));
    return compareInZOrder(blockOf(a), blockOf(b), near) || compareIn(inside(a), inside(b), smaller);
  };

  return { positions: () => positionsInBlocks(grid, blocks), compare: (a, b) => compareIn(a, b, blocks) };
}

function originOf(index: readonly number[], block: readonly number[]): number[] {
  return index.map((at, axis) => at * (block[axis] ?? 1));
}

/**
 * The positions of a grid in an order that keeps neighbours close: in Z-order (Morton) along the axes that are `near`, and
 * around that in C order along the others. A pyramid that is built in this order keeps a few tiles a level in memory,
 * however large the image is.
 */
export function* zOrder(grid: readonly number[], near: readonly boolean[]): Generator<number[]> {
  if (grid.some((extent) => extent < 1)) return;
  const far = grid.map((extent, axis) => (near[axis] ? 1 : extent));
  const largest = Math.max(1, ...grid.filter((_, axis) => near[axis]));
  const size = 2 ** Math.ceil(Math.log2(largest));
  const position = grid.map(() => 0);

  function* square(edge: number): Generator<number[]> {
    if (position.some((at, axis) => at >= (grid[axis] ?? 1))) return;
    if (edge === 1) {
      yield [...position];
      return;
    }
    const half = edge / 2;
    const axes = [...near.keys()].filter((axis) => near[axis]);
    for (let corner = 0; corner < 2 ** axes.length; corner++) {
      const moved = axes.filter((_, k) => (corner >> (axes.length - 1 - k)) & 1);
      for (const axis of moved) position[axis] = (position[axis] ?? 0) + half;
      yield* square(half);
      for (const axis of moved) position[axis] = (position[axis] ?? 0) - half;
    }
  }

  function* outer(axis: number): Generator<number[]> {
    if (axis === grid.length) {
      yield* square(size);
      return;
    }
    for (let i = 0; i < (far[axis] ?? 1); i++) {
      position[axis] = i;
      yield* outer(axis + 1);
    }
    position[axis] = 0;
  }
  yield* outer(0);
}

/** Compares positions in the order of {@link zOrder}: negative where `a` comes first. */
function compareInZOrder(a: readonly number[], b: readonly number[], near: readonly boolean[]): number {
  let difference = 0;
  let bits = 0;
  for (const [axis, isNear] of near.entries()) {
    const [at, other] = [a[axis] ?? 0, b[axis] ?? 0];
    if (at === other) continue;
    if (!isNear) return at - other;
    // The axis with the highest differing bit decides; of several, the first.
    const highest = highestDifference(at, other);
    if (highest > bits) [difference, bits] = [at - other, highest];
  }
  return difference;
}

/** The number of the highest bit in which two different positions differ, from 1. */
function highestDifference(at: number, other: number): number {
  const high = Math.floor(at / HALF) ^ Math.floor(other / HALF);
  return high === 0 ? 32 - Math.clz32(at ^ other) : 64 - Math.clz32(high);
}

/** Bitwise operators take 32 bits, and a sparse array may have more positions along an axis. */
const HALF = 2 ** 32;

/**
 * All positions from `first` to `stop`, without `stop` itself, in C order. Without axes, a single empty position.
 *
 * @param step the step along each axis; 1 by default
 */
export function* positionsIn(
  first: readonly number[],
  stop: readonly number[],
  step?: readonly number[],
): Generator<number[]> {
  if (first.some((at, axis) => at >= (stop[axis] ?? 0))) return;
  const position = [...first];
  for (;;) {
    yield [...position];
    let axis = position.length - 1;
    for (; axis >= 0; axis--) {
      position[axis] = (position[axis] ?? 0) + (step?.[axis] ?? 1);
      if ((position[axis] ?? 0) < (stop[axis] ?? 0)) break;
      position[axis] = first[axis] ?? 0;
    }
    if (axis < 0) return;
  }
}

/**
 * The positions of the cells of a regular grid that a box overlaps, in C order.
 *
 * @param box from its first position to the one after its last, in elements
 * @param cell the shape of a cell
 */
export function* cellsOver(
  { start, stop }: { readonly start: readonly number[]; readonly stop: readonly number[] },
  cell: readonly number[],
): Generator<number[]> {
  if (start.some((at, axis) => at >= (stop[axis] ?? 0))) return;
  yield* positionsIn(
    start.map((at, axis) => Math.floor(at / (cell[axis] ?? 1))),
    stop.map((at, axis) => Math.ceil(at / (cell[axis] ?? 1))),
  );
}

/** The number of elements of an array: the product of its extents, 1 for an array without axes. */
export function countElements(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** The number of blocks of a shape along each axis of an array; a block at the edge may be cut. */
export function gridShape(shape: readonly number[], block: readonly number[]): number[] {
  return shape.map((extent, axis) => Math.ceil(extent / (block[axis] ?? 1)));
}

/** All positions of a grid, in C order. */
export function positionsOf(grid: readonly number[], step?: readonly number[]): Generator<number[]> {
  return positionsIn(new Array<number>(grid.length).fill(0), grid, step);
}
