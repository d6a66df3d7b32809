/** An order of the tiles of an image in which what is put together of them is complete soon after it was begun. */
export interface TileOrder {
  /** All positions of the grid. */
  positions(): Generator<readonly number[]>;
  /** Negative where `a` comes first. It never does where `b` is before it along some axes, and behind it along none. */
  compare(a: readonly number[], b: readonly number[]): number;
}

/**
 * Block after block, and within a block those of the next size, down to the tiles: what lies in blocks is in Z-order
 * along the axes that are `near`, everything else in C order around it.
 *
 * @param grid how many tiles there are along each axis
 * @param blocks in tiles, such as those that a shard is made of; the largest first, each a multiple of the next
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
    const counts = extent.map((tiles, axis) => Math.ceil(tiles / (block[axis] ?? 1)));
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
 * The positions of a grid in an order in which neighbours come soon after each other: along the axes that are
 * `near` in Z-order (Morton), everything else in C order around it. A pyramid that is made in this order has a few
 * tiles a level to hold, however large the image is.
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

/** Orders positions as {@link zOrder} gives them: negative where `a` comes first. */
export function compareInZOrder(
  a: readonly number[],
  b: readonly number[],
  near: readonly boolean[],
): number {
  let difference = 0;
  let bits = 0;
  for (const [axis, isNear] of near.entries()) {
    const [at, other] = [a[axis] ?? 0, b[axis] ?? 0];
    if (!isNear && at !== other) return at - other;
    // The axis that differs in the highest bit decides; of several the first.
    const unlike = at ^ other;
    if (!isNear || unlike <= bits || (bits ^ unlike) <= bits) continue;
    [difference, bits] = [at - other, unlike];
  }
  return difference;
}

/**
 * All positions from `first` to `stop`, without `stop` itself, in C order; one, without indices, where there are no
 * axes.
 *
 * @param step from one position to the next along each axis; 1 by default
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
