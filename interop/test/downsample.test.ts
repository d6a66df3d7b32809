import { writeFile } from "node:fs/promises";
import type { PixelValues } from "@ozx/core";
import { downsample } from "@ozx/core/internal";
import { expect, test } from "vitest";
import { inInterop, python, runPython } from "../support/run.js";
import { describeWithTools } from "../support/tools.js";

const TYPES = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  uint64: BigUint64Array,
  int64: BigInt64Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

const METHODS = ["mean", "nearest", "stride", "median", "mode", "min", "max"] as const;

const SHAPES = [
  { shape: [7, 9], factors: [2, 2] },
  { shape: [2, 3, 8, 5], factors: [1, 2, 2, 2] },
  { shape: [5, 4, 3], factors: [3, 1, 4] },
  { shape: [6], factors: [6] },
];

describeWithTools("exact fractions in Python", [python], () => {
  test("agree with every downsampled pixel of every data type", async () => {
    const cases = Object.entries(TYPES).flatMap(([dtype, Type]) =>
      SHAPES.flatMap(({ shape, factors }) =>
        METHODS.map((method) => {
          const count = shape.reduce((product, extent) => product * extent, 1);
          // Of so few values, some are frequent.
          const bytes = method === "mode" ? noise(count * 8).map((byte) => byte & 0x30) : noise(count * 8);
          return { dtype, shape, factors, method, values: new Type(bytes.buffer, 0, count) };
        }),
      ),
    );
    const path = inInterop(".cache/work/downsample.json");
    await writeFile(
      path,
      JSON.stringify(cases.map(({ values, ...one }) => ({ ...one, data: base64(values) }))),
    );
    const expected = (await runPython("downsample.py", path)) as string[];
    expect(expected).toHaveLength(cases.length);
    cases.forEach(({ dtype, shape, factors, method, values }, i) => {
      const { data } = downsample<PixelValues>({ data: values, shape }, factors, method);
      expect(base64(data), `${method} of ${dtype} ${shape} by ${factors}`).toBe(expected[i]);
    });
  });
});

/** Pseudo-random bytes. As doubles they have all magnitudes, and few are NaN, whose bits are not specified. */
function noise(count: number): Uint8Array<ArrayBuffer> {
  let state = 1;
  const bytes = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = i % 4 === 3 ? (state >>> 24) & 0xbf : state >>> 24;
  }
  return bytes;
}

function base64(values: PixelValues): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64");
}
