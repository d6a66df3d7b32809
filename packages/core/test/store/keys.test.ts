import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AbsolutePath } from "../../src/index.js";
import { compareKeys, isBelow, joinKey, keyName, parentKey } from "../../src/store/store-keys.js";

/** Keys that differ where it matters: digits with and without leading zeros, separators, letters. */
const key = fc
  .array(fc.constantFrom("/", "0", "1", "9", "10", "02", "a", "c", ".", "-", "é", "z"), { maxLength: 8 })
  .map((parts): AbsolutePath => `/${parts.join("")}`);

describe("compareKeys", () => {
  test("sorts numbers by value, nodes before what lies below them, segment by segment", () => {
    const sorted: AbsolutePath[] = [
      "/",
      "/.zattrs",
      "/0",
      "/0/.zarray",
      "/0/c",
      "/0/c/0/0",
      "/0/c/0/2",
      "/0/c/0/10",
      "/0/c/2/0",
      "/0/c/10/0",
      "/0/zarr.json",
      "/1",
      "/2/9.0",
      "/2/9.1",
      "/2/10.0",
      "/10",
      "/a",
      "/a/x",
      "/a-/x",
      "/a.x",
      "/ab/x",
      "/zarr.json",
    ];
    expect([...sorted].reverse().sort(compareKeys)).toEqual(sorted);
  });

  test("is a total order", () => {
    fc.assert(
      fc.property(key, key, key, (a, b, c) => {
        expect(compareKeys(a, b) === 0).toBe(a === b);
        expect(Math.sign(compareKeys(a, b))).toBe(0 - Math.sign(compareKeys(b, a)));
        if (compareKeys(a, b) <= 0 && compareKeys(b, c) <= 0) {
          expect(compareKeys(a, c)).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 5000 },
    );
  });

  test("sorts to one order, whatever the order was before", () => {
    const shuffled = fc
      .uniqueArray(key, { maxLength: 30 })
      .chain((keys) => fc.tuple(fc.constant(keys), fc.shuffledSubarray(keys, { minLength: keys.length })));
    fc.assert(
      fc.property(shuffled, ([keys, others]) => {
        expect([...others].sort(compareKeys)).toEqual([...keys].sort(compareKeys));
      }),
    );
  });

  test("numbers sort by value, anywhere in a key", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.constantFrom("", "/0", ".5", "x"), (a, b, tail) => {
        const order = Math.sign(compareKeys(`/0/c/${a}${tail}`, `/0/c/${b}${tail}`));
        expect(order).toBe(Math.sign(a - b));
      }),
    );
  });

  test("what lies below a node stands together", () => {
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 40 }), key, (keys, node) => {
        const marks = [...keys].sort(compareKeys).map((one) => (isBelow(one, node) ? "x" : "-"));
        expect(marks.join("")).toMatch(/^-*x*-*$/);
      }),
    );
  });
});

describe("parts of keys", () => {
  test.for<[AbsolutePath, AbsolutePath, string]>([
    ["/zarr.json", "/", "zarr.json"],
    ["/labels", "/", "labels"],
    ["/labels/0/zarr.json", "/labels/0", "zarr.json"],
    ["/0/c/0/1", "/0/c/0", "1"],
  ])("%s lies in %s", ([whole, parent, name]) => {
    expect(parentKey(whole)).toBe(parent);
    expect(keyName(whole)).toBe(name);
    expect(joinKey(parent, name)).toBe(whole);
  });

  test("a name that only starts like a node is not below it", () => {
    expect(isBelow("/a/x", "/a")).toBe(true);
    expect(isBelow("/ab/x", "/a")).toBe(false);
    expect(isBelow("/a", "/a")).toBe(false);
    expect(isBelow("/a", "/")).toBe(true);
  });
});
