import { type OpenLevel, type PixelValues, type ReadOptions, toPixelBlock } from "@ozx/core";
import type { Pyramid } from "../tiles/image-plane.js";
import type { Slice } from "../tiles/read-tile.js";

/** A level that can be shown as a volume, and its extents. */
export interface VolumeLevel {
  readonly level: OpenLevel;
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  /** How large a voxel is along x, y and z, the smallest extent being 1. */
  readonly voxel: readonly [number, number, number];
}

/** Cubes of this length are drawn by most graphics cards, and read without a long wait. */
const LONGEST = 256;

/** The largest level that fits; undefined where there is none, or no depth. */
export function volumeLevel({ image, roles, levels }: Pyramid): VolumeLevel | undefined {
  const z = image.axes.findIndex(({ name }) => name.toLowerCase() === "z");
  if (z < 0 || z > roles.y || roles.y > roles.x) return undefined;
  for (const { level, width, height } of levels) {
    const depth = level.shape[z] ?? 1;
    if (depth < 2) return undefined;
    if (Math.max(width, height, depth) > LONGEST) continue;
    const sizes = [roles.x, roles.y, z].map((axis) => Math.abs(level.scale[axis] ?? 1) || 1);
    const least = Math.min(...sizes);
    const [x = 1, y = 1, deep = 1] = sizes.map((size) => Math.min(size / least, 100));
    return { level, width, height, depth, voxel: [x, y, deep] };
  }
  return undefined;
}

/** Reads one channel, its rows from the bottom upwards, as Viv's volumes have them. */
export async function readVolume(
  { level, width, height, depth }: VolumeLevel,
  { image, roles }: Pyramid,
  slice: Slice,
  channel: number,
  options?: ReadOptions,
): Promise<Float32Array> {
  const selection: Record<string, number> = {};
  for (const [at, { name }] of image.axes.entries()) {
    if (at === roles.channel) selection[name] = channel;
    else if (at !== roles.x && at !== roles.y && name.toLowerCase() !== "z")
      selection[name] = slice[name] ?? 0;
  }
  const values: PixelValues = toPixelBlock(await level.read(selection, options)).data;
  const turned = new Float32Array(values.length);
  for (let z = 0, to = 0; z < depth; z++) {
    for (let y = height - 1; y >= 0; y--) {
      const from = (z * height + y) * width;
      for (let x = 0; x < width; x++) turned[to++] = Number(values[from + x]);
    }
  }
  return turned;
}
