import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { resolveRange } from "../../src/store/store-keys.js";

describe("resolveRange", () => {
  test.for([
    [{ offset: 2, length: 3 }, 10, { offset: 2, length: 3 }],
    [{ offset: 8, length: 3 }, 10, { offset: 8, length: 2 }],
    [{ offset: 10, length: 3 }, 10, { offset: 10, length: 0 }],
    [{ offset: 99, length: 3 }, 10, { offset: 10, length: 0 }],
    [{ offset: 0, length: 0 }, 10, { offset: 0, length: 0 }],
    [{ suffixLength: 4 }, 10, { offset: 6, length: 4 }],
    [{ suffixLength: 10 }, 10, { offset: 0, length: 10 }],
    [{ suffixLength: 11 }, 10, { offset: 0, length: 10 }],
    [{ suffixLength: 0 }, 10, { offset: 10, length: 0 }],
    [{ suffixLength: 5 }, 0, { offset: 0, length: 0 }],
  ] as const)("%o of %d bytes", ([range, size, expected]) => {
    expect(resolveRange(range, size)).toEqual(expected);
  });

  test("is what slicing gives", () => {
    const size = 20;
    const value = Array.from({ length: size }, (_, i) => i);
    fc.assert(
      fc.property(fc.nat(30), fc.nat(30), (offset, length) => {
        const part = resolveRange({ offset, length }, size);
        expect(value.slice(part.offset, part.offset + part.length)).toEqual(
          value.slice(offset, offset + length),
        );
        const tail = resolveRange({ suffixLength: length }, size);
        expect(tail.offset + tail.length).toBe(size);
        expect(value.slice(tail.offset)).toEqual(value.slice(Math.max(0, size - length)));
      }),
    );
  });

  test.for([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("refuses %d", (wrong) => {
    expect(() => resolveRange({ offset: wrong, length: 1 }, 10)).toThrow(RangeError);
    expect(() => resolveRange({ offset: 0, length: wrong }, 10)).toThrow(RangeError);
    expect(() => resolveRange({ suffixLength: wrong }, 10)).toThrow(RangeError);
  });
});
