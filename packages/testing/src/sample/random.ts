/**
 * Numbers from 0 to 1 that look random and are the same on every run (mulberry32). Only integer arithmetic,
 * because the sample's bytes may not depend on how an engine rounds `Math.sin`.
 */
export type Random = () => number;

/** A generator that depends on all of the seeds, in their order. */
export function seededRandom(...seeds: readonly number[]): Random {
  let state = 0x9e3779b9;
  for (const seed of seeds) state = Math.imul(state ^ (seed + 0x7f4a7c15), 0x85ebca6b) ^ (state >>> 13);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A number between two bounds. */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random();
}

/** A bell-shaped number of mean 0 and deviation 1, never beyond ±3.5. */
export function bell(random: Random): number {
  return (random() + random() + random() + random() - 2) * Math.sqrt(3);
}

/** A smooth random field of values from 0 to 1: random numbers on a lattice, blended in between. */
export function smoothField(
  random: Random,
  { height, width, cell }: { height: number; width: number; cell: number },
): (y: number, x: number) => number {
  const columns = Math.ceil(width / cell) + 2;
  const rows = Math.ceil(height / cell) + 2;
  const lattice = Float64Array.from({ length: rows * columns }, random);
  const at = (row: number, column: number): number => lattice[row * columns + column] ?? 0;
  return (y, x) => {
    const row = Math.floor(y / cell);
    const column = Math.floor(x / cell);
    const v = ease(y / cell - row);
    const u = ease(x / cell - column);
    const top = at(row, column) * (1 - u) + at(row, column + 1) * u;
    const bottom = at(row + 1, column) * (1 - u) + at(row + 1, column + 1) * u;
    return top * (1 - v) + bottom * v;
  };
}

function ease(t: number): number {
  return t * t * (3 - 2 * t);
}
