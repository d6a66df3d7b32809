import type { OpenLevel } from "@ozx/core";
import type { PlacedLevel, Pyramid } from "../tiles/image-plane.js";

/** A level that can be shown as a volume. */
export interface VolumeLevel {
  readonly level: OpenLevel;
  /** The axis of the depth. */
  readonly z: number;
  /** One voxel is drawn of as many along x, y and z. */
  readonly steps: readonly [number, number, number];
  /** Extents in drawn voxels. */
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  /** The size of a drawn voxel along x, y and z, relative to its smallest extent. */
  readonly voxel: readonly [number, number, number];
}

/** Why an image with depth is not shown as a volume: a sentence. */
export interface NoVolume {
  readonly reason: string;
}

/** The largest extent along any axis that most graphics cards draw and that loads quickly. */
const MAX_EXTENT = 256;

/** The most voxels of a channel that are read. */
const MAX_VOXELS = 2 ** 28;

/**
 * The largest level that fits along x and y, or else the smallest one, of which voxels are left out; the same along z,
 * where most pyramids are not reduced. Undefined for images without depth.
 */
export function volumeLevel({ image, roles, levels }: Pyramid): VolumeLevel | NoVolume | undefined {
  const z = image.axes.findIndex(({ name }) => name.toLowerCase() === "z");
  if (z < 0 || z === roles.x || z === roles.y) return undefined;
  const deep = levels.filter(({ level }) => (level.shape[z] ?? 1) > 1);
  if (!deep.includes(levels[0])) return undefined;
  const fits = ({ width, height }: PlacedLevel): boolean => Math.max(width, height) <= MAX_EXTENT;
  const placed = deep.find(fits) ?? deep.at(-1) ?? levels[0];
  const { level, width, height } = placed;
  const sizes = [width, height, level.shape[z] ?? 1] as const;
  const steps = sizes.map((size) => Math.ceil(size / MAX_EXTENT)) as [number, number, number];
  const [drawnWidth, drawnHeight, depth] = sizes.map((size, at) => Math.ceil(size / (steps[at] ?? 1))) as [
    number,
    number,
    number,
  ];
  if (width * height * depth > MAX_VOXELS) {
    const reason = `No 3D: the smallest level has ${width} × ${height} pixels in a plane, too many to read ${depth} of them. "ozx convert --pyramid" adds smaller levels.`;
    return { reason };
  }
  const extents = [roles.x, roles.y, z].map(
    (axis, at) => (Math.abs(level.scale[axis] ?? 1) || 1) * (steps[at] ?? 1),
  );
  const least = Math.min(...extents);
  const voxel = extents.map((size) => Math.min(size / least, 100)) as [number, number, number];
  return { level, z, steps, width: drawnWidth, height: drawnHeight, depth, voxel };
}

/** A sentence about voxels that are left out; undefined where all of a level are drawn. */
export function stepsNote({ steps }: VolumeLevel): string | undefined {
  const parts = ["x", "y", "z"].flatMap((axis, at) => {
    const step = steps[at] ?? 1;
    return step > 1 ? [`one of ${step} along ${axis}`] : [];
  });
  return parts.length === 0 ? undefined : `3D draws ${parts.join(", ")}.`;
}
