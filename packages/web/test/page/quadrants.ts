import type { AbsolutePath } from "@ozx/core";

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
  const map = new Map([["/zarr.json", json({ zarr_format: 3, node_type: "group", attributes: { ome } })]]);
  for (const [level, size] of sizes.entries()) {
    map.set(`/${level}/zarr.json`, json(arrayDocument(size)));
    map.set(`/${level}/c/0/0`, paint(size));
  }
  return map as Map<AbsolutePath, Uint8Array>;
}

function paint(size: number): Uint8Array {
  return Uint8Array.from({ length: size * size }, (_, at) => {
    const right = at % size >= size / 2 ? 1 : 0;
    const below = Math.floor(at / size) >= size * 0.4 ? 2 : 0;
    return QUADRANTS[(right + below) as 0 | 1 | 2 | 3];
  });
}

function arrayDocument(size: number): object {
  return {
    zarr_format: 3,
    node_type: "array",
    shape: [size, size],
    data_type: "uint8",
    chunk_grid: { name: "regular", configuration: { chunk_shape: [size, size] } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: 0,
    codecs: [{ name: "bytes" }],
    dimension_names: ["y", "x"],
    attributes: {},
  };
}

function json(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
