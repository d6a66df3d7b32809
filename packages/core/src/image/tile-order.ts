import { compareInZOrder, zOrder } from "./z-order.js";

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
  function* positionsIn(
    extent: readonly number[],
    [block, ...smaller]: typeof blocks,
  ): Generator<readonly number[]> {
    if (block === undefined) return yield* zOrder(extent, near);
    const counts = extent.map((tiles, axis) => Math.ceil(tiles / (block[axis] ?? 1)));
    for (const index of zOrder(counts, near)) {
      const origin = originOf(index, block);
      const within = extent.map((tiles, axis) => Math.min(block[axis] ?? 1, tiles - (origin[axis] ?? 0)));
      for (const position of positionsIn(within, smaller)) {
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

  return { positions: () => positionsIn(grid, blocks), compare: (a, b) => compareIn(a, b, blocks) };
}

function originOf(index: readonly number[], block: readonly number[]): number[] {
  return index.map((at, axis) => at * (block[axis] ?? 1));
}
