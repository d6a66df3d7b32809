import fc from "fast-check";
import { expect, test } from "vitest";
import { compositeChannels, defaultColor, parseColor } from "../../src/image/display.js";

const window = { start: 100, end: 300 };

test("one channel is black below its window, in its colour above it, and in between in it", () => {
  const values = Uint16Array.of(0, 100, 150, 200, 300, 65535);
  expect([...compositeChannels([{ values, window }])]).toEqual([
    ...[0, 0, 0, 255],
    ...[0, 0, 0, 255],
    ...[64, 64, 64, 255], // 63.75
    ...[128, 128, 128, 255], // 127.5
    ...[255, 255, 255, 255],
    ...[255, 255, 255, 255],
  ]);
});

test("channels are added in their colours and cut at full colour", () => {
  const red = { values: Float32Array.of(0, 100, 150, 200), window: { start: 0, end: 200 }, color: "FF0000" };
  const yellow = { values: Uint8Array.of(0, 50, 50, 100), window: { start: 0, end: 100 }, color: "ff8000" };
  expect([...compositeChannels([red, yellow])]).toEqual([
    ...[0, 0, 0, 255],
    ...[255, 64, 0, 255],
    ...[255, 64, 0, 255], // 191.25 + 127.5
    ...[255, 128, 0, 255],
  ]);
});

test("parts of channels are added before they are rounded", () => {
  const third = { values: Uint8Array.of(1), window: { start: 0, end: 3 }, color: "010101" };
  expect([...compositeChannels([third, third])].slice(0, 3)).toEqual([1, 1, 1]);
});

test("gamma is a power of the brightness", () => {
  const values = Uint8Array.of(0, 64, 255);
  const shown = compositeChannels([{ values, window: { start: 0, end: 255 }, gamma: 0.5 }]);
  expect([shown[0], shown[4], shown[8]]).toEqual([0, 128, 255]); // 255 * sqrt(64 / 255) = 127.75
});

test("NaN is black, infinity is not; bigints are shown", () => {
  const values = Float64Array.of(Number.NaN, Infinity, -Infinity);
  expect(compositeChannels([{ values, window }]).filter((_, i) => i % 4 === 0)).toEqual(
    Uint8ClampedArray.of(0, 255, 0),
  );
  const labels = { values: BigUint64Array.of(200n, 2n ** 64n - 1n), window };
  expect([...compositeChannels([labels])].slice(0, 5)).toEqual([128, 128, 128, 255, 255]);
});

test("a window without width parts dark from bright", () => {
  const values = Uint8Array.of(4, 5, 6);
  const shown = compositeChannels([{ values, window: { start: 5, end: 5 } }]);
  expect([shown[0], shown[4], shown[8]]).toEqual([0, 0, 255]);
});

test("no channels give no pixels", () => {
  expect(compositeChannels([])).toHaveLength(0);
});

test("planes of different size and an invalid colour are rejected", () => {
  const two = { values: Uint8Array.of(1, 2), window };
  expect(() => compositeChannels([two, { values: Uint8Array.of(1), window }])).toThrow(
    "1 pixels where the first one has 2",
  );
  expect(() => compositeChannels([{ ...two, color: "#FFF" }])).toThrow('"#FFF" is not a colour');
});

test("channels without a colour get one that is none of the others'", () => {
  expect(defaultColor(0, 1)).toBe("FFFFFF");
  for (const count of [2, 3, 7]) {
    const colors = Array.from({ length: count }, (_, i) => defaultColor(i, count));
    expect(new Set(colors).size).toBe(count);
    colors.forEach(parseColor);
  }
  expect(defaultColor(9, 12)).toMatch(/^[0-9A-F]{6}$/);
});

test("a ramp replaces the colour, linearly between its colours, also for black and NaN", () => {
  const values = Float32Array.of(-1, 0, 25, 50, 75, 100, 200, Number.NaN);
  const ramp = [
    [200, 0, 0],
    [0, 100, 0],
    [0, 0, 40],
  ] as const;
  const shown = compositeChannels([{ values, window: { start: 0, end: 100 }, color: "FFFFFF", ramp }]);
  const pixels = Array.from(values, (_, at) => [...shown.slice(4 * at, 4 * at + 3)]);
  const black = [200, 0, 0];
  expect(pixels).toEqual([
    black,
    black,
    [100, 50, 0],
    [0, 100, 0],
    [0, 50, 20],
    [0, 0, 40],
    [0, 0, 40],
    black,
  ]);
});

test("integers are shown as the same floating-point numbers are, however narrow the window is", () => {
  const value = fc.integer({ min: -300, max: 300 });
  const edge = fc.oneof(value, fc.double({ min: -300, max: 300, noNaN: true }));
  const ramp = fc.option(
    fc.constant([
      [0, 9, 200],
      [80, 0, 7],
      [255, 255, 3],
    ] as const),
    { nil: undefined },
  );
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 900 }),
      fc.record({ start: edge, end: edge }),
      fc.constantFrom(1, 0.5, 2.2),
      ramp,
      (numbers, window, gamma, colors) => {
        const shown = { window, gamma, ramp: colors, color: "20FF80" };
        expect(compositeChannels([{ values: Int16Array.from(numbers), ...shown }])).toEqual(
          compositeChannels([{ values: Float64Array.from(numbers), ...shown }]),
        );
      },
    ),
  );
});
