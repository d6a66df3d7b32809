import type { LabelImage } from "@ozx/core";
import { labelColors } from "../stage/label-colors.js";
import { depthAxis, type Pyramid } from "../tiles/image-plane.js";
import type { VolumeLevel } from "./volume-level.js";

/**
 * The level of a label image with the same pixels as the one of its image that is shown as a volume; undefined where it
 * has none.
 */
export function labelVolume(volume: VolumeLevel, image: Pyramid, labels: Pyramid): VolumeLevel | undefined {
  const z = depthAxis(labels);
  if (z === undefined) return undefined;
  const { shape } = volume.level;
  const sizes = [image.roles.x, image.roles.y, volume.z].map((axis) => shape[axis]);
  const own = [labels.roles.x, labels.roles.y, z];
  const found = labels.levels.find(({ level }) => own.every((axis, at) => level.shape[axis] === sizes[at]));
  return found && { ...volume, level: found.level, z };
}

/**
 * Labels as the colours that they are drawn in, which a texture of float32 holds exactly: red, green and blue of 8 bits
 * each, plus 1; 0 where nothing is drawn.
 */
export function packColors(model: Pick<LabelImage, "colors">): (value: number | bigint) => number {
  const colorOf = labelColors(model);
  return (value) => {
    const [red, green, blue, alpha] = colorOf(Number(value)) ?? [0, 0, 0, 0];
    return alpha === 0 ? 0 : 1 + red * 65536 + green * 256 + blue;
  };
}
