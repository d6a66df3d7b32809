import { createCells, type PlacedBlock } from "../image/cells.js";
import { type DownsampleMethod, downsample } from "../image/downsample.js";

/** A level as pixels go through it. */
export interface FeedLevel {
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  /** Pixels of this level that make one of the next, an axis at a time; undefined for the last level. */
  readonly factors: readonly number[] | undefined;
  /** Whether its chunks are wanted, or only what is made of them. */
  readonly isWritten: boolean;
}

/** A chunk of a level, cut to what lies in the array. */
export interface FeedChunk extends PlacedBlock {
  /** Position in the list of levels. */
  readonly level: number;
}

/**
 * Makes the chunks of an image's levels of pixels that come block by block, each level from the one above it. A
 * chunk is given as soon as it is complete, and then no longer held; so are the tiles that levels are made of. In
 * Z-order that is a few tiles a level; row after row it is a row of chunks a level; in any order it is never more
 * than the levels below the first, a third of the image.
 */
export interface ChunkFeed {
  /** Takes a block of the first level. The block must stay as it is until the generator is done. */
  put(placed: PlacedBlock): Generator<FeedChunk>;
  /**
   * Takes a whole tile of a level, for what is made of it: its own chunks are written already, or never are. The block
   * must stay as it is until the generator is done.
   */
  putTile(level: number, placed: PlacedBlock): Generator<FeedChunk>;
  /** Gives all chunks that are left; pixels that never came are 0. */
  flush(): Generator<FeedChunk>;
}

export function createChunkFeed(levels: readonly FeedLevel[], method: DownsampleMethod): ChunkFeed {
  const stages = levels.map(({ shape, chunkShape, factors, isWritten }) => {
    const tile = factors === undefined ? undefined : tileShape(chunkShape, factors);
    const isChunk = tile?.every((extent, axis) => extent === chunkShape[axis]);
    return {
      factors,
      chunks: isWritten ? createCells(shape, chunkShape) : undefined,
      // Where a tile is a chunk, it is put together once.
      tiles: tile === undefined || (isWritten && isChunk) ? undefined : createCells(shape, tile),
    };
  });

  function* put(level: number, placed: PlacedBlock): Generator<FeedChunk> {
    const stage = stages[level];
    if (stage === undefined) return;
    for (const chunk of stage.chunks?.put(placed) ?? []) yield* pass(level, chunk);
    for (const tile of stage.tiles?.put(placed) ?? []) yield* shrink(level, tile);
  }

  function* pass(level: number, chunk: PlacedBlock): Generator<FeedChunk> {
    yield { level, ...chunk };
    if (stages[level]?.tiles === undefined) yield* shrink(level, chunk);
  }

  function* shrink(level: number, { origin, block }: PlacedBlock): Generator<FeedChunk> {
    const factors = stages[level]?.factors;
    if (factors === undefined) return;
    yield* put(level + 1, {
      origin: origin.map((at, axis) => at / (factors[axis] ?? 1)),
      block: downsample(block, factors, method),
    });
  }

  return {
    put: (placed) => put(0, placed),
    putTile: shrink,
    *flush() {
      for (const [level, { chunks, tiles }] of stages.entries()) {
        for (const chunk of chunks?.flush() ?? []) yield* pass(level, chunk);
        for (const tile of tiles?.flush() ?? []) yield* shrink(level, tile);
      }
    },
  };
}

/** The smallest box of whole chunks that whole pixels of the next level are made of. */
export function tileShape(chunkShape: readonly number[], factors: readonly number[]): number[] {
  return chunkShape.map((extent, axis) => {
    const factor = factors[axis] ?? 1;
    let tile = extent;
    while (tile % factor !== 0) tile += extent;
    return tile;
  });
}
