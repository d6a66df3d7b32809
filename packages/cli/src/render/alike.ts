import type { FailedImage, ImageReport } from "@ozx/core";
import type { FileReport } from "../inspect/report.js";

/** Images that differ in nothing but their pixels, their names and where they are. */
export interface AlikeImages {
  readonly images: readonly [ImageReport, ...ImageReport[]];
}

/** Puts images into groups of those that are alike, the largest group first. */
export function groupAlike(images: readonly ImageReport[]): AlikeImages[] {
  const groups = new Map<string, [ImageReport, ...ImageReport[]]>();
  for (const image of images) {
    const key = likeness(image);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [image]);
    else group.push(image);
  }
  return [...groups.values()].sort((a, b) => b.length - a.length).map((images) => ({ images }));
}

/** Contrast windows are often chosen image by image, and each field has its own place on the stage. */
function likeness({ axes, levels, channels, labels }: ImageReport): string {
  return JSON.stringify([
    axes,
    channels.map(({ label, color }) => [label, color]),
    levels.map(({ scale, array }) => [scale, array && layoutOf(array)]),
    labels.map(({ path }) => path.slice(path.lastIndexOf("/"))),
  ]);
}

function layoutOf({ shape, chunks, shards, dtype, codecs }: NonNullable<ImageReport["levels"][0]["array"]>) {
  return [shape, chunks, shards, dtype, codecs];
}

export function readableImages({ images }: FileReport): ImageReport[] {
  return images.filter((image) => image.error === null);
}

export function failedImages({ images }: FileReport): FailedImage[] {
  const all = images.flatMap((image) => (image.error === null ? [image, ...image.labels] : [image]));
  return all.filter((image) => image.error !== null);
}
