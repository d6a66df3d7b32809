/**
 * What `ozx info` knows: printed as it is with `--json`, put into words without. Documented in docs/info-json.md;
 * members are added, and never renamed or removed, while the schema version is 1. What is not known is null.
 *
 * @module
 */

import type { ErrorReport, FailedImage, HierarchyReport, ImageReport } from "@ozx/core";
import type { ArchiveDescription } from "@ozx/store-zip";

export interface InfoReport {
  readonly schemaVersion: 1;
  /** One for each path that was given, in that order. */
  readonly files: readonly (FileReport | FailedFile)[];
}

export interface FailedFile {
  readonly path: string;
  readonly error: ErrorReport;
}

export interface FileReport extends HierarchyReport {
  /** As it was given. */
  readonly path: string;
  readonly error: null;
  /** The node inside it that was asked for with `--path`, as it was given; all paths start there. */
  readonly node: string | null;
  readonly archive: ArchiveDescription | null;
}

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
