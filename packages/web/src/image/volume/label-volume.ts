import type { LabelImage } from "@ozx/core";
import { MAX_CHANNELS } from "../model/view-settings.js";
import { labelColors } from "../stage/label-colors.js";
import type { LabelScene, Scene } from "../stage/scene.js";
import { depthAxis, type Pyramid } from "../tiles/image-plane.js";
import type { VolumeLevel } from "./volume-level.js";

/**
 * The level of a label image with the same pixels as the one of its image that is shown as a volume; undefined where it
 * has none.
 */
function labelVolume(volume: VolumeLevel, image: Pyramid, labels: Pyramid): VolumeLevel | undefined {
  const z = depthAxis(labels);
  if (z === undefined) return undefined;
  const { shape } = volume.level;
  const sizes = [image.roles.x, image.roles.y, volume.z].map((axis) => shape[axis]);
  const own = [labels.roles.x, labels.roles.y, z];
  const found = labels.levels.find(({ level }) => own.every((axis, at) => level.shape[axis] === sizes[at]));
  return found && { ...volume, level: found.level, z };
}

/** A label image that is drawn over a volume, and its level for it. */
export interface DrawnLabels {
  readonly label: LabelScene;
  readonly own: VolumeLevel;
}

/** Which of the label images of a scene are drawn over a volume. */
export function drawnLabels(
  { pyramid, labels, channels }: Pick<Scene, "pyramid" | "labels" | "channels">,
  volume: VolumeLevel,
): {
  readonly drawn: readonly DrawnLabels[];
  /** Those without a level that has the pixels of the volume. */
  readonly unlike: readonly LabelScene[];
  /** Those for which too many channels are shown: Viv draws no more, of which each label image is one. */
  readonly tooMany: readonly LabelScene[];
} {
  const all = labels.map((label) => ({ label, own: labelVolume(volume, pyramid, label.pyramid) }));
  const like = all.flatMap(({ label, own }) => (own === undefined ? [] : [{ label, own }]));
  const most = Math.max(0, MAX_CHANNELS - channels.length);
  return {
    drawn: like.slice(0, most),
    unlike: all.flatMap(({ label, own }) => (own === undefined ? [label] : [])),
    tooMany: like.slice(most).map(({ label }) => label),
  };
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
