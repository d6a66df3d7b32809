import type { AbsolutePath } from "@ozx/core";
import { smallImage } from "@ozx/testing";

/** Brightness of the four parts: top left, top right, bottom left, bottom right. */
export const QUADRANTS = [60, 110, 170, 230] as const;

/**
 * An image of four uniform parts, divided at half of its width and two fifths of its height.
 *
 * @param sizes width and height of each level, which need not be powers of two
 */
export function quadrantMap(sizes: readonly number[]): Map<AbsolutePath, Uint8Array> {
  const whole = sizes[0] ?? 1;
  const axes = ["y", "x"].map((name) => ({ name, type: "space", unit: "micrometer" }));
  const datasets = sizes.map((size, level) => ({
    path: String(level),
    coordinateTransformations: [{ type: "scale", scale: [whole / size, whole / size] }],
  }));
  const window = { start: 0, end: 255, min: 0, max: 255 };
  const omero = { channels: [{ color: "FFFFFF", window, active: true }] };
  const ome = { version: "0.5", multiscales: [{ axes, datasets }], omero };
  const arrays = sizes.map((size, level) => [
    `/${level}`,
    {
      shape: [size, size],
      dataType: "uint8",
      valueAt: (index: number) => brightnessAt(index, size),
      document: { dimension_names: ["y", "x"] },
    },
  ]);
  return smallImage({ "/": ome }, Object.fromEntries(arrays));
}

function brightnessAt(index: number, size: number): number {
  const right = index % size >= size / 2 ? 1 : 0;
  const below = Math.floor(index / size) >= size * 0.4 ? 2 : 0;
  return QUADRANTS[(right + below) as 0 | 1 | 2 | 3];
}
