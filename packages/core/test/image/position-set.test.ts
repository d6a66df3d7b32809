import fc from "fast-check";
import { expect, test } from "vitest";
import { createPositionSet } from "../../src/image/position-set.js";

const GRIDS = fc.constantFrom([7, 5, 3], [1000, 1000, 1000], [2 ** 40, 3, 2 ** 40], [4]);

test("positions are kept once each, in C order, whatever the size of their grid", () => {
  fc.assert(
    fc.property(
      GRIDS,
      fc.array(
        fc.tuple(...[1, 1, 1].map(() => fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }))),
      ),
      fc.nat(9),
      (grid, fractions, asked) => {
        const positions = fractions.map((at) =>
          grid.map(
            (extent, axis) =>
              Math.floor((at[axis] ?? 0) * Math.min(extent, 50)) * Math.floor(extent / Math.min(extent, 50)),
          ),
        );
        const set = createPositionSet(grid);
        for (const [k, position] of positions.entries()) {
          set.add(position);
          if (k === asked) expect(set.has(position)).toBe(true);
        }
        const unique = [...new Map(positions.map((position) => [position.join(), position])).values()];
        unique.sort(
          (a, b) => a.map((at, axis) => at - (b[axis] ?? 0)).find((difference) => difference !== 0) ?? 0,
        );
        expect([...set]).toEqual(unique);
        expect(set.size).toBe(unique.length);
        const [first = grid.map(() => 0), last = grid] = [unique[1], unique.at(-1)];
        const isIn = (position: readonly number[]): boolean =>
          position.every((at, axis) => (first[axis] ?? 0) <= at && at < (last[axis] ?? 0));
        expect([...set.within(first, last)]).toEqual(unique.filter(isIn));
        expect(set.has(grid.map((extent) => extent - 1))).toBe(
          unique.some((position) => position.every((at, axis) => at === (grid[axis] ?? 0) - 1)),
        );
      },
    ),
  );
});

test("a grid without dimensions has one position, and one without elements none", () => {
  const [scalar, none] = [createPositionSet([]), createPositionSet([3, 0])];
  scalar.add([]);
  expect([...scalar]).toEqual([[]]);
  expect(scalar.has([])).toBe(true);
  expect([...none]).toEqual([]);
});
