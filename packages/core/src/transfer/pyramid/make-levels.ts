import type { ReadOptions } from "../../bytes/byte-source.js";
import { createChunkFeed, type FeedChunk, tileShape } from "../../create/chunk-feed.js";
import { makeEntries } from "../../create/make-entries.js";
import type { NewArray } from "../../create/new-array.js";
import { createStoredObjects } from "../../create/stored-objects.js";
import type { PlacedBlock } from "../../image/cells.js";
import { toPixelBlock } from "../../image/pixel-values.js";
import { zOrder } from "../../image/z-order.js";
import type { OpenLevel } from "../../open/node.js";
import { openLevel } from "../../open/open-level.js";
import { readAhead } from "../../store/read-ahead.js";
import type { Store } from "../../store/store.js";
import type { MadeEntry } from "../../store/target.js";
import type { ChunkWork } from "../../zarr/codec/chunk-work.js";
import type { MissingLevels } from "./missing-levels.js";

/** Levels to be made, and the arrays that they become. */
export interface PlannedLevels extends MissingLevels {
  readonly arrays: readonly NewArray[];
}

/** Tiles that are read while another one is made smaller. */
const TILES_AT_ONCE = 2;

/**
 * Reads the smallest level there is, each chunk once, and makes all levels below it: tile after tile in Z-order,
 * so that what is in memory is some tiles a level and, where there are shards, those that are not full yet.
 */
export async function* makeLevels(
  source: Store,
  { image, multiscale, smallest, levels, arrays }: PlannedLevels,
  work: ChunkWork,
  options?: ReadOptions,
): AsyncGenerator<MadeEntry> {
  const { shape, chunkShape } = smallest.array.array;
  const factors = levels.map((level) => level.factors);
  const stages = [
    { shape, chunkShape, factors: factors[0], isWritten: false },
    ...arrays.map((array, k) => ({ ...array, factors: factors[k + 1], isWritten: true })),
  ];
  const feed = createChunkFeed(stages, image.kind === "label-image" ? "nearest" : "mean");
  const opened = arrays.map((array) => ({ array, objects: createStoredObjects(array) }));
  const level = openLevel(source, smallest, multiscale);
  const tile = tileShape(chunkShape, factors[0] ?? []);
  const grid = shape.map((extent, axis) => Math.ceil(extent / (tile[axis] ?? 1)));
  const near = shape.map((_, axis) => factors.some((f) => f[axis] !== 1));
  const read = (position: readonly number[]): Promise<PlacedBlock> =>
    readTile(level, tile, position, options);

  async function* chunks(): AsyncGenerator<FeedChunk> {
    for await (const placed of readAhead(zOrder(grid, near), TILES_AT_ONCE, read)) yield* feed.put(placed);
  }
  yield* makeEntries(chunks(), [undefined, ...opened], work, options);
}

async function readTile(
  level: OpenLevel,
  tile: readonly number[],
  position: readonly number[],
  options?: ReadOptions,
): Promise<PlacedBlock> {
  const origin = position.map((index, axis) => index * (tile[axis] ?? 1));
  const selection = level.axes.map(({ name }, axis) => {
    const start = origin[axis] ?? 0;
    return [name, [start, Math.min(start + (tile[axis] ?? 1), level.shape[axis] ?? 0)]] as const;
  });
  const pixels = await level.read(Object.fromEntries(selection), options);
  return { origin, block: toPixelBlock(pixels) };
}
