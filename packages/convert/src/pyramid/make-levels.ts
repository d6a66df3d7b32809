import type { ChunkWorkers, OpenLevel, ReadOptions, Store } from "@ozx/core";
import { type GeneratedEntry, readAhead } from "@ozx/core/container";
import { createTileOrder, gridShape, openLevel, toPixelBlock } from "@ozx/core/internal";
import type { PlacedBlock } from "../chunks/cells.js";
import { createChunkFeed, type FeedTile, tileShape } from "../chunks/chunk-feed.js";
import { createStoredObjects, encodeEntries, type NewArray } from "../chunks/encode-entries.js";
import type { MissingLevels } from "./missing-levels.js";

/** Levels to generate, and the arrays that they become. */
export interface PlannedLevels extends MissingLevels {
  readonly arrays: readonly NewArray[];
}

/** Tiles that are read while another one is downsampled. */
const TILES_AT_ONCE = 2;

/**
 * Generates the missing levels from the smallest level of the source, whose chunks are read once each. Tiles are read in
 * Z-order, shard by shard, so that only a few tiles and about one encoded shard per level are in memory.
 */
export async function* makeLevels(
  source: Store,
  { image, multiscale, smallest, levels, arrays }: PlannedLevels,
  workers: ChunkWorkers,
  options?: ReadOptions,
): AsyncGenerator<GeneratedEntry> {
  const { shape, chunkShape } = smallest.array.array;
  const factors = levels.map((level) => level.factors);
  const stages = [
    { shape, chunkShape, factors: factors[0], isWritten: false },
    ...arrays.map((array, k) => ({ ...array, factors: factors[k + 1], isWritten: true })),
  ];
  const feed = createChunkFeed(stages, image.kind === "label-image" ? "nearest" : "mean", workers);
  const opened = arrays.map((array) => ({ array, objects: createStoredObjects(array) }));
  const level = openLevel(source, smallest, multiscale, workers);
  const tile = tileShape(chunkShape, factors[0] ?? []);
  const isDownsampled = shape.map((_, axis) => factors.some((levelFactors) => levelFactors[axis] !== 1));
  const order = createTileOrder(gridShape(shape, tile), isDownsampled, shardBlocks(arrays, factors, tile));
  const read = async (position: readonly number[]): Promise<FeedTile> => {
    const placed = await readTile(level, tile, position, options);
    return { level: 0, isSpare: true, ...placed };
  };
  const tiles = readAhead(order.positions(), TILES_AT_ONCE, read);
  yield* encodeEntries(feed.putTiles(tiles, options), [undefined, ...opened], workers, options);
}

/**
 * The blocks of tiles that are read together so that shards are completed one by one, the largest first: a block covers
 * whole shards of its level and whole blocks of the levels above.
 */
function shardBlocks(
  arrays: readonly NewArray[],
  factors: readonly (readonly number[])[],
  tile: readonly number[],
): number[][] {
  const blocks: number[][] = [];
  let scale = tile.map(() => 1);
  let last = tile.map(() => 1);
  for (const [k, { shardShape }] of arrays.entries()) {
    scale = scale.map((factor, axis) => factor * (factors[k]?.[axis] ?? 1));
    if (shardShape === undefined) continue;
    last = last.map((below, axis) => {
      const tiles = ((shardShape[axis] ?? 1) * (scale[axis] ?? 1)) / (tile[axis] ?? 1);
      return below * Math.max(1, Math.ceil(tiles / below));
    });
    blocks.unshift(last);
  }
  return blocks;
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
