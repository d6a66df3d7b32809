import { expect, test } from "vitest";
import { COLOR_RAMPS, colorRamp, RAMP_LENGTH, type Rgb } from "../src/image/model/color-ramps.js";

/** CIE L* of a colour of sRGB (CIE 15, IEC 61966-2-1): the lightness that is seen. */
function lightness(rgb: Rgb): number {
  const linear = rgb.map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const [red = 0, green = 0, blue = 0] = linear;
  const y = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return y > (6 / 29) ** 3 ? 116 * Math.cbrt(y) - 16 : y * (29 / 3) ** 3;
}

const steps = (id: string): number[] => {
  const all = (colorRamp(id)?.colors ?? []).map(lightness);
  return all.slice(1).map((value, at) => value - (all[at] ?? 0));
};

test("ramps have colours of sRGB, as many as the shader takes", () => {
  for (const { id, colors } of COLOR_RAMPS) {
    expect(colors, id).toHaveLength(RAMP_LENGTH);
    for (const part of colors.flat()) expect(part >= 0 && part <= 255, id).toBe(true);
  }
});

test.each(["warm", "cool"])("the lightness of %s grows in even steps", (id) => {
  for (const step of steps(id)) {
    expect(step).toBeGreaterThan(4);
    expect(step).toBeLessThan(18);
  }
});

test("inverted grey goes from white to black, diverging is white in the middle, heat is black and white at its ends", () => {
  expect([colorRamp("grey")?.colors[0], colorRamp("grey")?.colors.at(-1)]).toEqual([
    [255, 255, 255],
    [0, 0, 0],
  ]);
  expect(Math.min(...(colorRamp("diverging")?.colors[4] ?? []))).toBeGreaterThan(235);
  for (const id of ["fire", "ice"]) {
    expect([colorRamp(id)?.colors[0], colorRamp(id)?.colors.at(-1)]).toEqual([
      [0, 0, 0],
      [255, 255, 255],
    ]);
  }
});
