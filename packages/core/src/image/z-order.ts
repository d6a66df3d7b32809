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
