import type { LabelImage, PixelValues } from "@ozx/core";

/** Red, green, blue and alpha for each pixel of a label image; what is 0 is background, and clear. */
export function paintLabels(
  values: PixelValues,
  { colors }: Pick<LabelImage, "colors">,
): Uint8ClampedArray<ArrayBuffer> {
  const given = new Map(colors.map(({ value, rgba }) => [Number(value), rgba]));
  const known = new Map<number, readonly number[]>();
  const pixels = new Uint8ClampedArray(values.length * 4);
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (value === 0 && !given.has(0)) continue;
    let color = known.get(value);
    if (color === undefined) {
      color = given.get(value) ?? labelColor(value);
      known.set(value, color);
    }
    pixels.set(color, i * 4);
  }
  return pixels;
}

/** A colour of its own for every number: neighbours are far apart on the wheel, by the golden angle. */
export function labelColor(value: number): readonly [number, number, number, number] {
  const hue = (value * 137.50776405) % 360;
  const light = 0.52 + 0.14 * ((value % 3) - 1);
  const part = (shift: number): number => {
    const at = (shift + hue / 30) % 12;
    const strength = 0.75 * Math.min(light, 1 - light);
    return Math.round(255 * (light - strength * Math.max(-1, Math.min(at - 3, 9 - at, 1))));
  };
  return [part(0), part(8), part(4), 255];
}
