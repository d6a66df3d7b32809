import type { OpenImage, OpenLevel } from "@ozx/core";

/** The levels of an image that can be shown: one with a damaged document is left out. */
export function readableLevels({ levels }: OpenImage): OpenLevel[] {
  return levels.filter(({ model }) => model.array !== undefined);
}

/**
 * The largest level of an image that can be shown.
 *
 * @throws InvalidMetadataError where there is none
 */
export function largestLevel(image: OpenImage): OpenLevel {
  return readableLevels(image)[0] ?? image.level(0);
}

/** The number of positions along an axis of an image; 0 where it has no such axis. */
export function sizeAlong(image: OpenImage, axis: string): number {
  return largestLevel(image).shape[image.axes.findIndex(({ name }) => name === axis)] ?? 0;
}
