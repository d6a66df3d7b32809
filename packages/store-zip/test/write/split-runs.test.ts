import { expect, test } from "vitest";
import { layOut, layoutOfRun, storedEntryAt } from "../../src/write/layout.js";
import { splitRuns } from "../../src/write/write-entries.js";

const MIB = 1024 * 1024;

test("runs cover every entry once, in order", async () => {
  const sizes = Array.from({ length: 1000 }, (_, index) => (index % 10 === 0 ? 5 * MIB : 1000));
  const layout = await layOut(
    sizes.map((size, index) => ({ name: `${index}`, size })),
    new Uint8Array(),
  );
  const runs = splitRuns(layout);
  expect(runs.length).toBeGreaterThan(32);
  expect(runs.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, at) => from + at))).toEqual(
    sizes.map((_, index) => index),
  );
});

test("an empty layout has no runs, a small one has one", async () => {
  expect(splitRuns(await layOut([], new Uint8Array()))).toEqual([]);
  expect(splitRuns(await layOut([{ name: "a", size: 1 }], new Uint8Array()))).toEqual([{ from: 0, to: 1 }]);
});

test("the layout of a run says of its entries what the whole says", async () => {
  const names = ["zarr.json", "größe/c/0", "b", "", "c/1/2"];
  const whole = await layOut(
    names.map((name, index) => ({ name, size: index * 100 })),
    new Uint8Array(),
  );
  const part = layoutOfRun(whole, 1, 4);
  expect(part.count).toBe(3);
  for (const index of [0, 1, 2]) {
    expect(storedEntryAt(part, index, 7)).toEqual(storedEntryAt(whole, index + 1, 7));
  }
});
