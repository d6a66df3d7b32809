import type { LabelImage } from "@ozx/core";

/** Red, green, blue and alpha, each from 0 to 255. */
type Color = readonly [number, number, number, number];

/** The colours of labels, as the metadata has them or else of their numbers. 0 is the background, which has none. */
export function labelColors({ colors }: Pick<LabelImage, "colors">): (value: number) => Color | undefined {
  const specified = new Map(colors.map(({ value, rgba }) => [Number(value), rgba]));
  const known = new Map<number, Color>();
  return (value) => {
    if (value === 0 && !specified.has(0)) return undefined;
    let color = known.get(value);
    if (color === undefined) {
      color = specified.get(value) ?? labelColor(value);
      known.set(value, color);
    }
    return color;
  };
}

/** A colour for a label. Consecutive numbers are a golden angle apart on the colour wheel. */
function labelColor(value: number): Color {
  const hue = (value * 137.50776405) % 360;
  const light = 0.52 + 0.14 * ((value % 3) - 1);
  const part = (shift: number): number => {
    const at = (shift + hue / 30) % 12;
    const strength = 0.75 * Math.min(light, 1 - light);
    return Math.round(255 * (light - strength * Math.max(-1, Math.min(at - 3, 9 - at, 1))));
  };
  return [part(0), part(8), part(4), 255];
}

/** Red, green, blue and alpha for each pixel of a label image. */
export function paintLabels(
  values: ArrayLike<number | bigint>,
  model: Pick<LabelImage, "colors">,
): Uint8ClampedArray<ArrayBuffer> {
  const colorOf = labelColors(model);
  const pixels = new Uint8ClampedArray(values.length * 4);
  for (let i = 0; i < values.length; i++) {
    const color = colorOf(Number(values[i]));
    if (color !== undefined) pixels.set(color, i * 4);
  }
  return pixels;
}
