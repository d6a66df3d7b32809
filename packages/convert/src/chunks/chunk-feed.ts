import type { ChunkWorkers, ReadOptions } from "@ozx/core";
import { readAhead } from "@ozx/core/container";
import { createDownsampler, type DownsampleMethod } from "@ozx/core/internal";
import { createCells, type ExpectedPixels, type PlacedBlock } from "./cells.js";

/** A level of the pyramid that a feed produces. */
interface FeedLevel {
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  /** The downsampling factors from this level to the next, one per axis; undefined for the last level. */
  readonly factors: readonly number[] | undefined;
  /** Whether its chunks are yielded; if not, they only serve to compute the next level. */
  readonly isWritten: boolean;
  /** Which of its pixels are put; all by default. */
  readonly expected?: ExpectedPixels | undefined;
}

/** A chunk of a level, cut to what lies in the array. */
export interface FeedChunk extends PlacedBlock {
  /** Position in the list of levels. */
  readonly level: number;
}

/** A tile of a level: the block that is downsampled at once for the next level, cut to what lies in the array. */
export interface FeedTile extends FeedChunk {
  /** Whether its pixels are not needed any more, so that a thread may take them over. */
  readonly isSpare: boolean;
}

/**
 * Takes the pixels of an image block by block, and yields the chunks of all levels, each level downsampled from the one
 * before (by `workers`). A chunk is yielded as soon as it is complete, and is then no longer in memory; the same goes for
 * the tiles that are downsampled. If blocks come in Z-order, a few tiles per level are in memory; if they come row by
 * row, a row of chunks per level; in any other order at most the lower levels, a third of the image.
 *
 * The order of the chunks depends only on the order of the blocks. A block must not change until its generator is done,
 * and a generator must be done before the next one is requested.
 */
interface ChunkFeed {
  /**
   * Takes a block of the first level.
   *
   * @throws RangeError if a pixel was put before; then no pixel of the block is taken
   */
  put(placed: PlacedBlock, options?: ReadOptions): AsyncGenerator<FeedChunk>;
  /** Takes whole tiles of the first level, whose own chunks are not written. */
  putTiles(tiles: AsyncIterable<FeedTile>, options?: ReadOptions): AsyncGenerator<FeedChunk>;
  /** Yields all remaining chunks; pixels that were never put have the fill value, or are 0. */
  flush(options?: ReadOptions): AsyncGenerator<FeedChunk>;
}

/** What passes through the levels: chunks, which are yielded, and tiles, which are downsampled at their level. */
type Piece = ({ readonly kind: "chunk" } & FeedChunk) | ({ readonly kind: "tile" } & FeedTile);

/** Tiles of a level in progress: one is downsampled while the next one is assembled. */
const TILES_AT_ONCE = 2;

/**
 * @param levels from the largest to the smallest
 * @param method how pixels are downsampled
 */
export function createChunkFeed(
  levels: readonly FeedLevel[],
  method: DownsampleMethod,
  workers: ChunkWorkers,
): ChunkFeed {
  const stages = levels.map(({ shape, chunkShape, factors, isWritten, expected }) => {
    const tile = factors === undefined ? undefined : tileShape(chunkShape, factors);
    const isChunk = tile?.every((extent, axis) => extent === chunkShape[axis]);
    return {
      factors,
      downsample: factors && createDownsampler(factors, method, workers),
      chunks: isWritten ? createCells(shape, chunkShape, expected) : undefined,
      // If tiles are chunks, they are assembled only once.
      tiles: tile === undefined || (isWritten && isChunk) ? undefined : createCells(shape, tile, expected),
    };
  });
  type Stage = (typeof stages)[number];

  /** What a block completes; without a block, all that remains. */
  function* complete(
    { factors, chunks, tiles }: Stage,
    level: number,
    placed?: PlacedBlock,
  ): Generator<Piece> {
    for (const chunk of (placed ? chunks?.put(placed) : chunks?.flush()) ?? []) {
      yield { kind: "chunk", level, ...chunk };
      const isTile = tiles === undefined && factors !== undefined;
      if (isTile) yield { kind: "tile", level, isSpare: false, ...chunk };
    }
    for (const tile of (placed ? tiles?.put(placed) : tiles?.flush()) ?? []) {
      yield { kind: "tile", level, isSpare: false, ...tile };
    }
  }

  /** Replaces the tiles of a level by what they complete in the next level; all other pieces pass unchanged. */
  async function* downsampleTiles(
    pieces: AsyncIterable<Piece>,
    level: number,
    isEnd: boolean,
    options?: ReadOptions,
  ): AsyncGenerator<Piece> {
    const { factors = [], downsample } = stages[level] as Stage;
    const next = stages[level + 1] as Stage;
    const downsampleTile = async (piece: Piece): Promise<Piece | PlacedBlock> => {
      if (downsample === undefined || piece.kind === "chunk" || piece.level !== level) return piece;
      const { origin, block, isSpare } = piece;
      return {
        origin: origin.map((at, axis) => at / (factors[axis] ?? 1)),
        block: await downsample(block, { ...options, isSpare }),
      };
    };
    for await (const piece of readAhead(pieces, TILES_AT_ONCE, downsampleTile)) {
      if ("kind" in piece) yield piece;
      else yield* complete(next, level + 1, piece);
    }
    if (isEnd) yield* complete(next, level + 1);
  }

  async function* run(first: AsyncIterable<Piece>, isEnd: boolean, options?: ReadOptions) {
    let pieces = first;
    for (let level = 0; level < stages.length - 1; level++) {
      pieces = downsampleTiles(pieces, level, isEnd, options);
    }
    for await (const piece of pieces) if (piece.kind === "chunk") yield piece;
  }

  const firstStage = stages[0] as Stage;
  return {
    put: (placed, options) => run(asyncOf(complete(firstStage, 0, placed)), false, options),
    putTiles: (tiles, options) => run(asPieces(tiles), false, options),
    flush: (options) => run(asyncOf(complete(firstStage, 0)), true, options),
  };
}

/** The smallest box of whole chunks whose extents are multiples of the downsampling factors. */
export function tileShape(chunkShape: readonly number[], factors: readonly number[]): number[] {
  return chunkShape.map((extent, axis) => {
    const factor = factors[axis] ?? 1;
    let tile = extent;
    while (tile % factor !== 0) tile += extent;
    return tile;
  });
}

async function* asPieces(tiles: AsyncIterable<FeedTile>): AsyncGenerator<Piece> {
  for await (const tile of tiles) yield { kind: "tile", ...tile };
}

async function* asyncOf<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}
