import { expect, test } from "vitest";
import { createProjection, type ProjectMethod, projectedType } from "../../src/image/project-pixels.js";

const LARGEST = 2n ** 63n - 1n;

test.each([
  ["max", [LARGEST, 5n]],
  ["min", [-LARGEST, 3n]],
  ["mean", [0n, 4n]],
] as const)("%s of integers of 64 bits is exact", (method, expected) => {
  const project = { shape: [1, 2], axes: [0], method, count: 2 };
  const projection = createProjection("int64", project);
  projection.add({ data: BigInt64Array.of(LARGEST, 3n), shape: [1, 2] });
  projection.add({ data: BigInt64Array.of(-LARGEST, 5n), shape: [1, 2] });
  expect(projection.result()).toEqual({ data: BigInt64Array.from(expected), shape: [1, 2] });
});

test("NaN stays NaN, whatever follows, and infinities are numbers", () => {
  const results = (["max", "min", "mean", "sum"] as const).map((method) => {
    const project = { shape: [2, 1], axes: [1], method, count: 3 };
    const projection = createProjection("float32", project);
    projection.add({ data: Float32Array.of(1, Number.NaN, 2, -Infinity, 1, 2), shape: [2, 3] });
    return [...projection.result().data];
  });
  expect(results).toEqual([
    [Number.NaN, 2],
    [Number.NaN, -Infinity],
    [Number.NaN, -Infinity],
    [Number.NaN, -Infinity],
  ]);
});

test.each<[dtype: string, method: ProjectMethod, count: number, expected: string]>([
  ["uint8", "max", 1000, "uint8"],
  ["uint8", "sum", 16_843_009, "uint32"],
  ["uint8", "sum", 16_843_010, "uint64"],
  ["int16", "sum", 65_535, "int32"],
  ["int16", "sum", 65_537, "int64"],
  ["uint32", "sum", 2, "uint64"],
  ["float32", "sum", 1000, "float32"],
  ["bool", "sum", 1000, "uint32"],
])("%s by %s of %i pixels is %s", (dtype, method, count, expected) => {
  expect(projectedType(dtype, method, count)).toBe(expected);
});
