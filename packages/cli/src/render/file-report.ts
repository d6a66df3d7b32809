/**
 * The report of `ozx info`: printed as JSON with `--json`, and as text without. Documented in docs/info-json.md; while
 * the schema version is 1, members are added but never renamed or removed. Unknown values are null.
 *
 * @module
 */

import type { ErrorReport, FailedImage, HierarchyReport, ImageReport } from "@ozx/core/validate";
import type { ArchiveDescription } from "@ozx/store-zip";

export interface InfoReport {
  readonly schemaVersion: 1;
  /** One for each argument, in their order. */
  readonly files: readonly (FileReport | FailedFile)[];
}

export interface FailedFile {
  readonly path: string;
  readonly error: ErrorReport;
}

export interface FileReport extends HierarchyReport {
  /** The argument. */
  readonly path: string;
  readonly error: null;
  /** The value of `--path`: all paths in the report are relative to that node. */
  readonly node: string | null;
  readonly archive: ArchiveDescription | null;
}

/** Images that differ only in their pixels, names and paths. */
export interface AlikeImages {
  readonly images: readonly [ImageReport, ...ImageReport[]];
}

/** Groups images that are alike, the largest group first. */
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

/** What images of a group have in common. Contrast windows and stage positions may differ from image to image. */
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
