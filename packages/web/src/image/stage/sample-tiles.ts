import type { DrawnTile } from "./drawn-tiles.js";

/** The pixels under a point of the plane. */
export interface Sample {
  /** Of the level that is drawn there; 0 is the largest. */
  readonly level: number;
  /** One for each channel of the scene, in its order. */
  readonly values: readonly number[];
  /** One for each label image of the scene, in its order; undefined where nothing of it is there. */
  readonly labels: readonly (number | undefined)[];
}

/**
 * The drawn values at a point; undefined where no tile is drawn.
 *
 * @param image tiles of one level
 * @param labels for each label image, tiles of one level of it
 */
export function sampleTiles(
  image: readonly DrawnTile[],
  labels: readonly (readonly DrawnTile[])[],
  { x, y }: { readonly x: number; readonly y: number },
): Sample | undefined {
  const tile = image.find((one) => contains(one, x, y));
  const over = labels.map((tiles) => tiles.find((one) => contains(one, x, y)));
  // Labels are drawn without channels too.
  if (tile === undefined && over.every((one) => one === undefined)) return undefined;
  return {
    level: tile?.tile.level.index ?? 0,
    values: tile === undefined ? [] : valuesIn(tile, x, y),
    labels: over.map((one) => one && valuesIn(one, x, y)[0]),
  };
}

function contains({ tile: { bounds } }: DrawnTile, x: number, y: number): boolean {
  return x >= bounds.left && x < bounds.right && y >= bounds.top && y < bounds.bottom;
}

function valuesIn({ tile, channelData }: DrawnTile, x: number, y: number): number[] {
  const { bounds, level } = tile;
  const { width, height, data } = channelData;
  const column = Math.min(width - 1, Math.floor((x - bounds.left) / level.stepX));
  const row = Math.min(height - 1, Math.floor((y - bounds.top) / level.stepY));
  return data.map((channel) => Number(channel[row * width + column]));
}
