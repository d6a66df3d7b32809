import { expect, test } from "vitest";
import { createTileOrder, zOrder } from "../../../core/src/image/grid-order.js";
import { pyramidLevels } from "../../src/pyramid/pyramid-shapes.js";

const space = (name: string, unit: string | undefined = "micrometer") => ({ name, type: "space", unit });
const zyx = [space("z"), space("y"), space("x")];

test("levels are added until the larger of y and x is 256 or less", () => {
  const axes = [{ name: "c", type: "channel", unit: undefined }, space("y"), space("x")];
  const base = { shape: [2, 1000, 513], scale: [1, 0.5, 0.25], translation: [0, 0, 10] };
  expect(pyramidLevels(base, axes)).toEqual([
    { factors: [1, 2, 2], shape: [2, 500, 257], scale: [1, 1, 0.5], translation: [0, 0.25, 10.125] },
    { factors: [1, 2, 2], shape: [2, 250, 129], scale: [1, 2, 1], translation: [0, 0.75, 10.375] },
  ]);
  expect(pyramidLevels({ ...base, shape: [2, 256, 200] }, axes)).toEqual([]);
});

test("z is halved once its planes lie as close as the pixels", () => {
  const base = { shape: [9, 2048, 2048], scale: [2, 1, 1], translation: [0, 0, 0] };
  const levels = pyramidLevels(base, zyx);
  expect(levels.map(({ factors }) => factors[0])).toEqual([1, 2, 2]);
  expect(levels.at(-1)).toMatchObject({ shape: [3, 256, 256], scale: [8, 8, 8], translation: [3, 3.5, 3.5] });
});

test("z is not halved if its unit is unknown, or another one", () => {
  const base = { shape: [9, 512, 512], scale: [1, 1, 1], translation: [0, 0, 0] };
  for (const axes of [
    zyx.map(({ name, type }) => ({ name, type, unit: undefined })),
    [space("z", "nanometer"), space("y"), space("x")],
  ]) {
    expect(pyramidLevels(base, axes)).toMatchObject([{ factors: [1, 2, 2] }]);
  }
});

test("an axis of one pixel stays, and an image of one pixel has no more levels", () => {
  const base = { shape: [1, 1, 600], scale: [1, 1, 1], translation: [0, 0, 0] };
  expect(pyramidLevels(base, zyx).map(({ factors }) => factors)).toEqual([
    [1, 1, 2],
    [1, 1, 2],
  ]);
  expect(pyramidLevels({ ...base, shape: [1, 1, 1] }, zyx, 3)).toEqual([]);
  expect(pyramidLevels({ ...base, shape: [1, 8, 8] }, zyx, 2)).toHaveLength(2);
});

test("Z-order gives every position once, and boxes of four before the next box", () => {
  const order = [...zOrder([2, 3, 5], [false, true, true])];
  expect(new Set(order.map(String)).size).toBe(30);
  expect(order.slice(0, 9).map((at) => at.slice(1).join(""))).toEqual([
    ...["00", "01", "10", "11"],
    ...["02", "03", "12", "13"],
    "20",
  ]);
  expect(order.slice(0, 15).every(([plane]) => plane === 0)).toBe(true);
  expect([...zOrder([], [])]).toEqual([[]]);
});

test.each([
  ["without blocks", [3, 5, 6], []],
  ["in blocks", [5, 7, 6], [[2, 3, 2]]],
  [
    "in blocks of blocks",
    [6, 9, 11],
    [
      [4, 6, 4],
      [2, 3, 4],
    ],
  ],
])(
  "tiles %s come once each, in the order in which they are compared, and never before what is inside of them",
  (_, grid, blocks) => {
    const { positions, compare } = createTileOrder(grid, [false, true, true], blocks);
    const order = [...positions()];
    expect(new Set(order.map(String)).size).toBe(grid.reduce((product, extent) => product * extent));
    const wrong = order.flatMap((a, k) =>
      order.filter((b, m) => {
        const isInside = m > k && b.every((at, axis) => at <= (a[axis] ?? 0));
        return isInside || Math.sign(compare(a, b)) !== Math.sign(k - m);
      }),
    );
    expect(wrong).toEqual([]);
  },
);

test("a block of tiles is done before the next one begins", () => {
  const order = [...createTileOrder([4, 4, 4], [false, true, true], [[4, 2, 2]]).positions()];
  expect(order.slice(0, 16).every(([, y = 0, x = 0]) => y < 2 && x < 2)).toBe(true);
});

test("scales and translations have no rounding errors", () => {
  const yx = [space("y"), space("x")];
  const base = { shape: [2000, 1200], scale: [0.1, 0.3], translation: [-7.5, 0] };
  expect(pyramidLevels(base, yx)).toMatchObject([
    { scale: [0.2, 0.6], translation: [-7.45, 0.15] },
    { scale: [0.4, 1.2], translation: [-7.35, 0.45] },
    { scale: [0.8, 2.4], translation: [-7.15, 1.05] },
  ]);
});
