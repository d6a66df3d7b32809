import { expect, test } from "vitest";
import { downsample } from "../../src/image/downsample.js";

test("a pixel is the mean of its box", () => {
  const block = { data: Uint8Array.of(1, 2, 10, 20, 3, 4, 30, 41), shape: [2, 4] };
  expect(downsample(block, [2, 2], "mean")).toEqual({ data: Uint8Array.of(2, 25), shape: [1, 2] });
});

test("halves go to the even neighbour, above and below zero", () => {
  const block = { data: Int16Array.of(0, 1, 1, 2, -1, 0, -2, -1), shape: [8] };
  expect([...downsample(block, [2], "mean").data]).toEqual([0, 2, 0, -2]);
});

test.each([
  ["int8", Int8Array],
  ["int16", Int16Array],
  ["int32", Int32Array],
  ["float64", Float64Array],
])("boxes of 2 × 2 of %s have their means, whatever their sums", (name, Pixels) => {
  const values = [-128, -7, -3, -2, -1, 0, 1, 2, 3, 6, 127];
  const boxes = values.flatMap((a) => values.flatMap((b) => values.map((c) => [a, b, c, 1] as const)));
  const rows = [boxes.flatMap((box) => box.slice(0, 2)), boxes.flatMap((box) => box.slice(2))];
  const halfEven = (sum: number): number => {
    const [below, rest] = [Math.floor(sum / 4), sum - 4 * Math.floor(sum / 4)];
    return rest > 2 || (rest === 2 && below % 2 !== 0) ? below + 1 : below;
  };
  const means = boxes.map((box) => {
    const sum = box.reduce((total: number, value) => total + value, 0);
    return name === "float64" ? sum / 4 : halfEven(sum);
  });
  const block = { data: Pixels.from(rows.flat()), shape: [2, 2 * boxes.length] };
  expect(downsample(block, [2, 2], "mean")).toEqual({ data: Pixels.from(means), shape: [1, boxes.length] });
});

test.each([
  ["uint8", Uint8Array, [0, 1, 2, 3, 4, 127, 255]],
  ["int8", Int8Array, [-128, -5, -1, 0, 3, 127]],
  ["uint16", Uint16Array, [0, 1, 2, 5, 32768, 65535]],
  ["int16", Int16Array, [-32768, -3, -1, 0, 4, 32767]],
])(
  "boxes of two pixels along one to three axes of %s have the means of 64-bit integers",
  (_, Pixels, values) => {
    // As many columns as there are triples of values, so that each row meets others in its boxes.
    const triples = values.flatMap((a) => values.flatMap((b) => values.map((c) => [a, b, c, a - c])));
    const row = triples
      .flat()
      .map((value) => Math.max(Math.min(value, Math.max(...values)), Math.min(...values)));
    const rows = [0, 3, 14, 29].flatMap((turn) => [...row.slice(turn), ...row.slice(0, turn)]);
    for (const factors of [
      [1, 1, 2],
      [1, 2, 2],
      [2, 2, 2],
    ]) {
      const shape = [2, 2, row.length];
      const exact = downsample({ data: BigInt64Array.from(rows, BigInt), shape }, factors, "mean");
      const means = downsample({ data: Pixels.from(rows), shape }, factors, "mean");
      expect(Array.from(means.data, BigInt)).toEqual([...exact.data]);
    }
  },
);

test("at an odd edge the mean is of the pixels that are there", () => {
  const data = Float32Array.of(1, 2, 30, 4, 5, 60, 7, 9, 80);
  expect(downsample({ data, shape: [3, 3] }, [2, 2], "mean")).toEqual({
    data: Float32Array.of(3, 45, 8, 80),
    shape: [2, 2],
  });
});

test.each([
  ["uint8", Uint8Array.of(255, 255, 255, 254), 255],
  ["uint16", Uint16Array.of(65535, 65535, 65535, 65535), 65535],
  ["uint32", Uint32Array.of(4294967295, 4294967295, 4294967295, 4294967293), 4294967294],
  ["int32", Int32Array.of(-2147483648, -2147483648, -2147483648, -2147483647), -2147483648],
  [
    "uint64",
    BigUint64Array.of(2n ** 64n - 1n, 2n ** 64n - 1n, 2n ** 64n - 1n, 2n ** 64n - 4n),
    2n ** 64n - 2n,
  ],
  ["int64", BigInt64Array.of(-(2n ** 63n), -(2n ** 63n), -(2n ** 63n), 1n - 2n ** 63n), -(2n ** 63n)],
  ["float32", Float32Array.of(3e38, 3e38, 3e38, 3e38), Math.fround(3e38)],
  ["float64", Float64Array.of(1.7e308, 1.7e308, 1.7e308, 1.7e308), 1.7e308],
])("the largest values of %s do not overflow", (_, data, mean) => {
  expect([...downsample({ data, shape: [2, 2] }, [2, 2], "mean").data]).toEqual([mean]);
});

test("NaN and infinities stay what they are", () => {
  const block = { data: Float64Array.of(Number.NaN, 1, Infinity, 1, -Infinity, 1, 2, 4), shape: [8] };
  expect([...downsample(block, [2], "mean").data]).toEqual([Number.NaN, Infinity, -Infinity, 3]);
});

test("labels are never mixed: the pixel in the middle, or before it, stands for its box", () => {
  const data = BigUint64Array.from({ length: 25 }, (_, i) => BigInt(i));
  const shape = [5, 5];
  expect([...downsample({ data, shape }, [2, 2], "nearest").data]).toEqual([
    ...[0n, 2n, 4n],
    ...[10n, 12n, 14n],
    ...[20n, 22n, 24n],
  ]);
  expect([...downsample({ data, shape }, [3, 3], "nearest").data]).toEqual([6n, 9n, 21n, 24n]);
});

test("axes with a factor of 1 stay apart, whichever they are", () => {
  const data = Uint16Array.from({ length: 16 }, (_, i) => i);
  expect(downsample({ data, shape: [2, 2, 4] }, [2, 1, 1], "mean")).toEqual({
    data: Uint16Array.of(4, 5, 6, 7, 8, 9, 10, 11),
    shape: [1, 2, 4],
  });
  expect(downsample({ data, shape: [4, 2, 2] }, [1, 2, 2], "mean")).toEqual({
    data: Uint16Array.of(2, 6, 10, 14), // halves of 1.5, 5.5, 9.5, 13.5
    shape: [4, 1, 1],
  });
});

test("tiles whose origins are multiples of the factors give the same pixels as the whole", () => {
  const data = Uint16Array.from({ length: 7 * 9 }, (_, i) => (i * 40503) % 65521);
  const whole = downsample({ data, shape: [7, 9] }, [2, 2], "mean");
  const right = Uint16Array.from({ length: 7 * 5 }, (_, i) => data[Math.floor(i / 5) * 9 + 4 + (i % 5)] ?? 0);
  const tile = downsample({ data: right, shape: [7, 5] }, [2, 2], "mean");
  const expected = [0, 1, 2, 3].flatMap((row) => [...whole.data.subarray(row * 5 + 2, row * 5 + 5)]);
  expect([...tile.data]).toEqual(expected);
});

test("what makes no sense is refused", () => {
  const block = { data: new Uint8Array(4), shape: [2, 2] };
  expect(() => downsample(block, [2], "mean")).toThrow("factors must be 2 whole numbers from 1 on, not 2");
  expect(() => downsample(block, [2, 0], "mean")).toThrow(RangeError);
  expect(() => downsample({ ...block, shape: [2, 3] }, [2, 2], "mean")).toThrow("4 pixels do not make");
});

test.each([
  ["median", [2, 5]],
  ["mode", [2, 5]],
  ["min", [1, 5]],
  ["max", [9, 6]],
  ["stride", [9, 5]],
] as const)("%s takes one of the pixels of each box", (method, expected) => {
  const data = Uint16Array.of(9, 2, 5, 6, 2, 1, 6, 5);
  expect([...downsample({ data, shape: [2, 4] }, [2, 2], method).data]).toEqual(expected);
  const big = BigInt64Array.from(data, (value) => BigInt(value));
  expect([...downsample({ data: big, shape: [2, 4] }, [2, 2], method).data]).toEqual(expected.map(BigInt));
});

test("NaN is larger than all numbers, and makes the smallest and the largest pixel NaN", () => {
  const block = { data: Float32Array.of(Number.NaN, 1, 3, 2), shape: [4] };
  expect([...downsample(block, [4], "median").data]).toEqual([2]);
  expect([...downsample(block, [4], "min").data]).toEqual([Number.NaN]);
  expect([...downsample({ ...block, data: Float32Array.of(1, Number.NaN, 3, 2) }, [4], "max").data]).toEqual([
    Number.NaN,
  ]);
});
