import { countElements, positionsIn } from "./grid-order.js";

/**
 * A set of positions of a grid, such as those of the chunks that are stored. It takes 8 bytes for each, and more in grids
 * of more than 2^53 positions. Add all positions before the first question: each one after an addition sorts again.
 */
export interface PositionSet {
  /** How many positions the set has. */
  readonly size: number;
  /** Adds a position, which must lie in the grid. */
  add(position: readonly number[]): void;
  /** Whether the set has a position. */
  has(position: readonly number[]): boolean;
  /** All positions, in C order. */
  [Symbol.iterator](): Generator<number[]>;
  /** Those from `first` to `stop`, without `stop` itself, in C order: in a time that the box or the set bounds. */
  within(first: readonly number[], stop: readonly number[]): Iterable<readonly number[]>;
}

/** An empty set of positions of a grid. */
export function createPositionSet(grid: readonly number[]): PositionSet {
  return hasExactNumbers(grid)
    ? positionSet(numberIn(grid), positionAt(grid), sortNumbers)
    : positionSet(bigNumberIn(grid), positionAtBig(grid), sortBigs);
}

/** Numbers the positions of a grid, in C order: with bigints where it has more than 2^53 of them. */
export function positionNumbers(grid: readonly number[]): (position: readonly number[]) => number | bigint {
  return hasExactNumbers(grid) ? numberIn(grid) : bigNumberIn(grid);
}

function hasExactNumbers(grid: readonly number[]): boolean {
  return countElements(grid) <= Number.MAX_SAFE_INTEGER;
}

/** The numbers of positions in C order, sorted; as compact as they can be. */
type SortedIds<Id> = { readonly length: number; readonly [index: number]: Id };

function positionSet<Id extends number | bigint>(
  numberOf: (position: readonly number[]) => Id,
  positionOf: (id: Id) => number[],
  sort: (ids: readonly Id[], isSorted: boolean) => SortedIds<Id>,
): PositionSet {
  let added: Id[] = [];
  let isSorted = true;
  let sorted: SortedIds<Id> = [];
  const settled = (): SortedIds<Id> => {
    if (added.length === 0) return sorted;
    for (let index = 0; index < sorted.length; index++) append(sorted[index] as Id);
    sorted = sort(added, isSorted);
    [added, isSorted] = [[], true];
    return sorted;
  };
  const append = (id: Id): void => {
    const last = added.at(-1);
    // What is stored side by side is mostly added so, and often several times.
    if (id === last) return;
    if (last !== undefined && id < last) isSorted = false;
    added.push(id);
  };
  const set: PositionSet = {
    get size() {
      return settled().length;
    },
    add(position) {
      append(numberOf(position));
    },
    has(position) {
      const ids = settled();
      const id = numberOf(position);
      let [first, end] = [0, ids.length];
      while (first < end) {
        const middle = (first + end) >>> 1;
        if ((ids[middle] as Id) < id) first = middle + 1;
        else end = middle;
      }
      return ids[first] === id;
    },
    *[Symbol.iterator]() {
      const ids = settled();
      for (let index = 0; index < ids.length; index++) yield positionOf(ids[index] as Id);
    },
    *within(first, stop) {
      const all = countElements(stop.map((at, axis) => Math.max(0, at - (first[axis] ?? 0))));
      if (all <= set.size) {
        for (const position of positionsIn(first, stop)) if (set.has(position)) yield position;
        return;
      }
      for (const position of set) {
        const isIn = position.every((at, axis) => (first[axis] ?? 0) <= at && at < (stop[axis] ?? 0));
        if (isIn) yield position;
      }
    },
  };
  return set;
}

/** Each number once, in ascending order. */
function sortNumbers(ids: readonly number[], isSorted: boolean): Float64Array {
  const all = new Float64Array(ids);
  if (isSorted) return all;
  all.sort();
  let count = 0;
  for (let index = 0; index < all.length; index++) {
    if (index === 0 || all[index] !== all[index - 1]) all[count++] = all[index] as number;
  }
  return all.slice(0, count);
}

function sortBigs(ids: readonly bigint[], isSorted: boolean): readonly bigint[] {
  if (isSorted) return ids;
  const all = [...ids].sort((one, other) => (one < other ? -1 : one > other ? 1 : 0));
  return all.filter((id, index) => index === 0 || id !== all[index - 1]);
}

function numberIn(grid: readonly number[]): (position: readonly number[]) => number {
  return (position) => {
    let id = 0;
    for (let axis = 0; axis < grid.length; axis++) id = id * (grid[axis] ?? 1) + (position[axis] ?? 0);
    return id;
  };
}

function positionAt(grid: readonly number[]): (id: number) => number[] {
  return (id) => {
    const position = new Array<number>(grid.length);
    let rest = id;
    for (let axis = grid.length - 1; axis >= 0; axis--) {
      const extent = grid[axis] ?? 1;
      position[axis] = rest % extent;
      rest = Math.floor(rest / extent);
    }
    return position;
  };
}

function bigNumberIn(grid: readonly number[]): (position: readonly number[]) => bigint {
  const extents = grid.map(BigInt);
  return (position) => position.reduce((id, at, axis) => id * (extents[axis] ?? 1n) + BigInt(at), 0n);
}

function positionAtBig(grid: readonly number[]): (id: bigint) => number[] {
  const extents = grid.map(BigInt);
  return (id) => {
    const position = new Array<number>(extents.length);
    let rest = id;
    for (let axis = extents.length - 1; axis >= 0; axis--) {
      const extent = extents[axis] ?? 1n;
      position[axis] = Number(rest % extent);
      rest /= extent;
    }
    return position;
  };
}
