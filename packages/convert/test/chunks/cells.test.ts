import { expect, test } from "vitest";
import { createCells, type PlacedBlock } from "../../src/chunks/cells.js";

const block = (origin: number[], shape: number[], first = 1): PlacedBlock => ({
  origin,
  block: { data: Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => first + i), shape },
});
const spelled = (placed: Iterable<PlacedBlock>) =>
  [...placed].map(({ origin, block: { data, shape } }) => ({ origin, shape, data: [...data] }));

test("a block that is a whole cell is yielded as it is", () => {
  const placed = block([0, 2], [2, 2]);
  const [cell] = createCells([4, 4], [2, 2]).put(placed);
  expect(cell?.block).toBe(placed.block);
});

test("a block over several cells is cut into them, and cells at the edge are smaller", () => {
  expect(spelled(createCells([2, 3], [2, 2]).put(block([0, 0], [2, 3])))).toEqual([
    { origin: [0, 0], shape: [2, 2], data: [1, 2, 4, 5] },
    { origin: [0, 2], shape: [2, 1], data: [3, 6] },
  ]);
});

test("a cell is yielded once all of its pixels were put, in pieces of any shape", () => {
  const cells = createCells([3, 4, 4], [2, 3, 4]);
  const yielded = [0, 1, 2].flatMap((plane) =>
    [0, 1, 2, 3].map((row) => spelled(cells.put(block([plane, row, 0], [1, 1, 4], 10 * plane + row)))),
  );
  expect(yielded.map((list) => list.length)).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1]);
  expect(yielded[6]).toEqual([
    {
      origin: [0, 0, 0],
      shape: [2, 3, 4],
      data: [0, 1, 2, 10, 11, 12].flatMap((n) => [n, n + 1, n + 2, n + 3]),
    },
  ]);
  expect(spelled(cells.flush())).toEqual([]);
});

test("pixels that were never put are 0", () => {
  const cells = createCells([4], [3]);
  expect(spelled(cells.put(block([1], [1], 7)))).toEqual([]);
  expect(spelled(cells.flush())).toEqual([{ origin: [0], shape: [3], data: [0, 7, 0] }]);
});

test("pixels that are put twice are refused, in incomplete and complete cells", () => {
  const cells = createCells([4, 4], [2, 2]);
  expect(spelled(cells.put(block([0, 0], [1, 2])))).toEqual([]);
  expect(() => [...cells.put(block([0, 1], [2, 1]))]).toThrow(
    "the pixels from [0, 0] to [1, 2] were written before",
  );
  expect(spelled(cells.put(block([1, 0], [1, 2])))).toHaveLength(1);
  expect(() => [...cells.put(block([0, 0], [4, 4]))]).toThrow(RangeError);
  // Nothing of what was refused was taken.
  expect(spelled(cells.put(block([0, 2], [2, 2])))).toHaveLength(1);
});
