import { describe, expect, test } from "vitest";
import { describeSample, isFullRun, sampled, testSample } from "../src/index.js";

const TEN = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

test("a sample has the first, the last and others between them, and is the same each time", () => {
  expect(sampled(TEN, 4)).toEqual(isFullRun ? TEN : [0, 3, 6, 9]);
  expect(sampled(TEN, 1)).toEqual(isFullRun ? TEN : [0]);
  for (const size of [0, 3, 4, 7]) expect(sampled(TEN.slice(0, size), 10)).toEqual(TEN.slice(0, size));
});

describe("of a table", () => {
  const [tests, suites]: [number[], number[]] = [[], []];
  testSample([1, 2, 3], 2)("%d", (one) => {
    tests.push(one);
  });
  describeSample([1, 2, 3], 2)("in %d", (one) => {
    test("is tested", () => {
      suites.push(one);
    });
  });
  test("what is in it runs", () => {
    const expected = isFullRun ? [1, 2, 3] : [1, 3];
    expect(tests.toSorted()).toEqual(expected);
    expect(suites.toSorted()).toEqual(expected);
  });
});
