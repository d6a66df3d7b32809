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

/** All positions of a grid, in C order. */
export function positionsOf(grid: readonly number[], step?: readonly number[]): Generator<number[]> {
  return positionsIn(new Array<number>(grid.length).fill(0), grid, step);
}
