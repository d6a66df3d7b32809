import type { OpenLevel, PixelValues, ReadOptions } from "@ozx/core";
import { toPixelBlock } from "@ozx/core/internal";
import type { Pyramid } from "../tiles/image-plane.js";
import type { Slice } from "../tiles/read-tile.js";

/** A level that can be shown as a volume, and its extents in voxels. */
export interface VolumeLevel {
  readonly level: OpenLevel;
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  /** The size of a voxel along x, y and z, relative to its smallest extent. */
  readonly voxel: readonly [number, number, number];
}

/** The largest extent along any axis that most graphics cards draw and that loads quickly. */
const MAX_EXTENT = 256;

/** The largest level that fits; undefined where there is none, and for images without depth. */
export function volumeLevel({ image, roles, levels }: Pyramid): VolumeLevel | undefined {
  const z = image.axes.findIndex(({ name }) => name.toLowerCase() === "z");
  if (z < 0 || z > roles.y || roles.y > roles.x) return undefined;
  for (const { level, width, height } of levels) {
    const depth = level.shape[z] ?? 1;
    if (depth < 2) return undefined;
    if (Math.max(width, height, depth) > MAX_EXTENT) continue;
    const sizes = [roles.x, roles.y, z].map((axis) => Math.abs(level.scale[axis] ?? 1) || 1);
    const least = Math.min(...sizes);
    const [voxelX = 1, voxelY = 1, voxelZ = 1] = sizes.map((size) => Math.min(size / least, 100));
    return { level, width, height, depth, voxel: [voxelX, voxelY, voxelZ] };
  }
  return undefined;
}

/**
 * Reads one channel: plane after plane, the rows of each from bottom to top, as Viv expects them.
 *
 * @param position the slice for the axes that are not drawn, and the channel
 */
export async function readVolume(
  { level, width, height, depth }: VolumeLevel,
  { image, roles }: Pyramid,
  { slice, channel }: { readonly slice: Slice; readonly channel: number },
  options?: ReadOptions,
): Promise<Float32Array> {
  const selection: Record<string, number> = {};
  for (const [at, { name }] of image.axes.entries()) {
    if (at === roles.channel) selection[name] = channel;
    else if (at !== roles.x && at !== roles.y && name.toLowerCase() !== "z")
      selection[name] = slice[name] ?? 0;
  }
  const values: PixelValues = toPixelBlock(await level.read(selection, options)).data;
  const flipped = new Float32Array(values.length);
  for (let z = 0, to = 0; z < depth; z++) {
    for (let y = height - 1; y >= 0; y--) {
      const from = (z * height + y) * width;
      for (let x = 0; x < width; x++) flipped[to++] = Number(values[from + x]);
    }
  }
  return flipped;
}
