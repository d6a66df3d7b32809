import type { ChunkWorkers, Multiscale, OpenLevel, ReadOptions, Store } from "@ozx/core";
import type { EarlierEntries, GeneratedEntry } from "@ozx/core/container";
import { readAhead } from "@ozx/core/container";
import type { ProduceOptions } from "@ozx/core/internal";
import {
  createTileOrder,
  describeArrayV3,
  joinKey,
  openLevel,
  type ReadableLevel,
  type TileOrder,
  toPixelBlock,
} from "@ozx/core/internal";
import type { PlacedBlock } from "../chunks/cells.js";
import { createChunkFeed, type FeedChunk, type FeedTile, tileShape } from "../chunks/chunk-feed.js";
import {
  createStoredObjects,
  encodeEntries,
  type NewArray,
  newArrayDocument,
} from "../chunks/encode-entries.js";
import type { MissingLevels } from "./missing-levels.js";
import { type LevelTile, type RemainingLevels, remainingLevels } from "./remaining-levels.js";

/** Levels to be made, and the arrays that they become. */
export interface PlannedLevels extends MissingLevels {
  readonly arrays: readonly NewArray[];
}

/** Tiles that are read while another one is made smaller. */
const TILES_AT_ONCE = 2;

/**
 * Reads the smallest level there is, each chunk once, and makes all levels below it: tile after tile in Z-order, and
 * shard after shard, so that what is in memory is some tiles and about one encoded shard a level.
 *
 * What an earlier run has written is not made again. The few tiles that were not complete then, and shards that were
 * not full, are put together again of what is written, and of the source where that is not enough.
 */
export async function* makeLevels(
  source: Store,
  { image, multiscale, smallest, levels, arrays }: PlannedLevels,
  work: ChunkWorkers,
  options?: ProduceOptions,
): AsyncGenerator<GeneratedEntry> {
  const { shape, chunkShape } = smallest.array.array;
  const factors = levels.map((level) => level.factors);
  const stages = [
    { shape, chunkShape, factors: factors[0], isWritten: false },
    ...arrays.map((array, k) => ({ ...array, factors: factors[k + 1], isWritten: true })),
  ];
  const feed = createChunkFeed(stages, image.kind === "label-image" ? "nearest" : "mean", work);
  const opened = arrays.map((array) => ({ array, objects: createStoredObjects(array) }));
  const { earlier } = options ?? {};
  const readable = [
    openLevel(source, smallest, multiscale, work),
    ...(earlier
      ? arrays.map((array) => openGenerated(array, earlier, source.name, smallest, multiscale))
      : []),
  ];
  const tiles = stages.map((stage) => tileShape(stage.chunkShape, stage.factors ?? []));
  const grid = shape.map((extent, axis) => Math.ceil(extent / (tiles[0]?.[axis] ?? 1)));
  const near = shape.map((_, axis) => factors.some((f) => f[axis] !== 1));
  const order = createTileOrder(grid, near, shardBlocks(arrays, factors, tiles[0] ?? []));
  const left = earlier && remainingLevels(stages, arrays, order, earlier.last);
  const readOne = async ({ level, position }: LevelTile): Promise<FeedTile> => {
    const placed = await readTile(readable[level] as OpenLevel, tiles[level] ?? [], position, options);
    return { level, isSpare: true, ...placed };
  };

  async function* chunks(): AsyncGenerator<FeedChunk> {
    const read = readAhead(tilesOf(order, left), TILES_AT_ONCE, readOne);
    for await (const chunk of feed.putTiles(read, options)) if (!left?.isWritten(chunk)) yield chunk;
  }
  yield* encodeEntries(chunks(), [undefined, ...opened], work, options);
}

/** The blocks of tiles that shards are made of, the largest first; where they are not alike, of some together. */
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

/** The tiles that levels are made of, in their order. */
function* tilesOf(order: TileOrder, left: RemainingLevels | undefined): Generator<LevelTile> {
  for (const position of order.positions()) {
    const tile = left === undefined ? { level: 0, position } : left.tileFor(position);
    if (tile !== undefined) yield tile;
  }
}

/** A level that an earlier run has made. */
function openGenerated(
  array: NewArray,
  { values }: EarlierEntries,
  name: string,
  like: ReadableLevel,
  multiscale: Multiscale,
): OpenLevel {
  const { path } = array;
  const document = newArrayDocument(array);
  const description = describeArrayV3(document, {
    location: name,
    path: joinKey(path, "zarr.json").slice(1),
  });
  const node = { kind: "array", path, zarrFormat: 3, attributes: {}, document, array: description } as const;
  const nothing = async () => undefined;
  // Its keys are known, and its values are read whole.
  const list = async function* () {};
  const store = { ...values, name, format: "made", findings: [], stream: nothing, list, close: nothing };
  return openLevel(store, { ...like, path, array: node }, multiscale);
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
