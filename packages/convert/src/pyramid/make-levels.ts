import type { ArrayNode, ChunkWorkers, OpenLevel, ReadOptions, Store } from "@ozx/core";
import {
  createThrottle,
  forEachInSlices,
  type GeneratedEntry,
  readAhead,
  sortInSlices,
} from "@ozx/core/container";
import {
  cellsOver,
  countElements,
  createPositionSet,
  createTileOrder,
  type DownsampleMethod,
  fillElement,
  gridOf,
  gridShape,
  openLevel,
  type PositionSet,
  storedChunks,
  type TileOrder,
  toPixelBlock,
} from "@ozx/core/internal";
import { boxOf, type PlacedBlock } from "../chunks/cells.js";
import { createChunkFeed, type FeedTile, tileShape } from "../chunks/chunk-feed.js";
import { createStoredObjects, encodeEntries, type NewArray } from "../chunks/encode-entries.js";
import type { StoredPositions } from "../chunks/stored-positions.js";
import { expectedPixels, hasAll, liveCells } from "./live-cells.js";
import type { MissingLevels } from "./missing-levels.js";

/** Levels to generate, and the arrays that they become. */
export interface PlannedLevels extends MissingLevels {
  readonly arrays: readonly NewArray[];
  /** Which chunks (or shards) of the level above are stored. */
  readonly stored: StoredPositions;
  /** How pixels are downsampled. */
  readonly method: DownsampleMethod;
}

/** Tiles that are read while another one is downsampled. */
const TILES_AT_ONCE = 2;

/**
 * Generates the missing levels from the smallest level of the source, whose chunks are read once each. Tiles are read in
 * Z-order, shard by shard, so that only a few tiles and about one encoded shard per level are in memory. Tiles in which no
 * chunk is stored are not read, and what would be computed of them is not written: it all has the fill value.
 */
export async function* makeLevels(
  source: Store,
  { multiscale, smallest, levels, arrays, stored, method }: PlannedLevels,
  workers: ChunkWorkers,
  options?: ReadOptions,
): AsyncGenerator<GeneratedEntry> {
  const { shape, chunkShape } = smallest.array.array;
  const factors = levels.map((level) => level.factors);
  const stages = [
    { shape, chunkShape, factors: factors[0], isWritten: false },
    ...arrays.map((array, k) => ({ ...array, factors: factors[k + 1], isWritten: true })),
  ];
  const tile = tileShape(chunkShape, factors[0] ?? []);
  const tiles = await storedTiles(source, smallest.array, { stored, tile }, options);
  const live = tiles && (await liveCells(stages, tiles, options));
  const fill = pixelOf(await fillElement(source, smallest.array));
  const feed = createChunkFeed(
    stages.map((stage, k) => {
      const [above, cells] = [stages[k - 1], live?.[k - 1]];
      const isSparse = above !== undefined && cells !== undefined;
      return { ...stage, expected: isSparse ? expectedPixels(above, cells, stage.shape, fill) : undefined };
    }),
    method,
    workers,
  );
  const opened = arrays.map((array, k) => {
    return { array, fill, objects: createStoredObjects(array, live?.[k + 1]?.chunks) };
  });
  const level = openLevel(source, smallest, multiscale, workers);
  const isDownsampled = shape.map((_, axis) => factors.some((levelFactors) => levelFactors[axis] !== 1));
  const order = createTileOrder(gridShape(shape, tile), isDownsampled, shardBlocks(arrays, factors, tile));
  const read = async (position: readonly number[]): Promise<FeedTile> => {
    const placed = await readTile(level, tile, position, options);
    return { level: 0, isSpare: true, ...placed };
  };
  const all = countElements(gridShape(shape, tile));
  const positions = tiles === undefined ? order.positions() : inOrder(tiles, order, all, options);
  const reading = readAhead(positions, TILES_AT_ONCE, read);
  yield* encodeEntries(feed.putTiles(reading, options), [undefined, ...opened], workers, options);
}

/** The tiles of an array in which a chunk is stored; undefined if all are. */
async function storedTiles(
  source: Store,
  node: ArrayNode,
  { stored, tile }: { readonly stored: StoredPositions; readonly tile: readonly number[] },
  options?: ReadOptions,
): Promise<PositionSet | undefined> {
  const { shape, chunkShape, shardShape } = node.array;
  if (shardShape === undefined && hasAll(stored, gridOf(node))) return undefined;
  const grid = gridShape(shape, tile);
  const tiles = createPositionSet(grid);
  const addFrom = (cells: Iterable<readonly number[]>, cell: readonly number[]): Promise<void> => {
    const add = (position: readonly number[]): void => {
      for (const at of cellsOver(boxOf(position, cell, shape), tile)) tiles.add(at);
    };
    return forEachInSlices(cells, add, options);
  };
  const chunks = storedChunks(source, node);
  if (shardShape === undefined || chunks === undefined) await addFrom(stored, shardShape ?? chunkShape);
  else for (const shard of stored) await addFrom(await chunks.within(shard, options), chunkShape);
  return hasAll(tiles, grid) ? undefined : tiles;
}

/** Some tiles in an order: found among all of them or, where they are few of very many, by sorting. */
async function* inOrder(
  tiles: PositionSet,
  order: TileOrder,
  all: number,
  options: ReadOptions = {},
): AsyncGenerator<readonly number[]> {
  if (tiles.size * FEW < all) {
    yield* await sortInSlices([...tiles], order.compare, options);
    return;
  }
  const pause = createThrottle(options);
  for (const position of order.positions()) {
    if (tiles.has(position)) yield position;
    else await pause();
  }
}

/** Sorting a tile takes about as long as looking at so many. */
const FEW = 16;

/** The pixel that an element of a fill value is. */
function pixelOf([element]: readonly unknown[]): number | bigint {
  return typeof element === "bigint" ? element : Number(element);
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
