import type { ChunkWorkers, ReadOptions } from "@ozx/core";
import { readAhead } from "@ozx/core/container";
import type { DownsampleMethod } from "@ozx/core/internal";
import { createDownsampler } from "@ozx/core/internal";
import { createCells, type PlacedBlock } from "./cells.js";

/** A level as pixels go through it. */
export interface FeedLevel {
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  /** Pixels of this level that make one of the next, an axis at a time; undefined for the last level. */
  readonly factors: readonly number[] | undefined;
  /** Whether its chunks are wanted, or only what is made of them. */
  readonly isWritten: boolean;
}

/** A chunk or a tile of a level, cut to what lies in the array. */
export interface FeedChunk extends PlacedBlock {
  /** Position in the list of levels. */
  readonly level: number;
}

/** A whole tile of a level, for what is made of it: its own chunks are written already, or never are. */
export interface FeedTile extends FeedChunk {
  /** Whether its pixels are not needed any more: a thread may take them away. */
  readonly isSpare: boolean;
}

/**
 * Makes the chunks of an image's levels of pixels that come block by block, each level from the one above it, where
 * chunks are encoded: in threads, if there are some. A chunk is given as soon as it is complete, and then no longer
 * held; so are the tiles that levels are made of. In Z-order that is a few tiles a level; row after row it is a row of
 * chunks a level; in any order it is never more than the levels below the first, a third of the image.
 *
 * The order of the chunks depends on that of the blocks alone. What is put must stay as it is until its generator is
 * done, and one generator must be done before the next is asked for.
 */
export interface ChunkFeed {
  /**
   * Takes a block of the first level.
   *
   * @throws RangeError when a pixel was put before; nothing of the block is taken then
   */
  put(placed: PlacedBlock, options?: ReadOptions): AsyncGenerator<FeedChunk>;
  putTiles(tiles: AsyncIterable<FeedTile>, options?: ReadOptions): AsyncGenerator<FeedChunk>;
  /** Gives all chunks that are left; pixels that never came are 0. */
  flush(options?: ReadOptions): AsyncGenerator<FeedChunk>;
}

/** What goes through the levels: chunks to their end, tiles to where they are made smaller. */
type Piece = ({ readonly kind: "chunk" } & FeedChunk) | ({ readonly kind: "tile" } & FeedTile);

/** Tiles of a level that are made smaller at once: one, while the next one is put together. */
const TILES_AT_ONCE = 2;

export function createChunkFeed(
  levels: readonly FeedLevel[],
  method: DownsampleMethod,
  work: ChunkWorkers,
): ChunkFeed {
  const stages = levels.map(({ shape, chunkShape, factors, isWritten }) => {
    const tile = factors === undefined ? undefined : tileShape(chunkShape, factors);
    const isChunk = tile?.every((extent, axis) => extent === chunkShape[axis]);
    return {
      factors,
      shrink: factors && createDownsampler(factors, method, work),
      chunks: isWritten ? createCells(shape, chunkShape) : undefined,
      // Where a tile is a chunk, it is put together once.
      tiles: tile === undefined || (isWritten && isChunk) ? undefined : createCells(shape, tile),
    };
  });
  type Stage = (typeof stages)[number];

  /** A block as what is complete with it; or, without one, what is left. */
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

  /** The tiles of one level become the blocks of the next; all else goes on as it is, in its place. */
  async function* shrinkTiles(
    pieces: AsyncIterable<Piece>,
    level: number,
    isEnd: boolean,
    options?: ReadOptions,
  ): AsyncGenerator<Piece> {
    const { factors = [], shrink } = stages[level] as Stage;
    const next = stages[level + 1] as Stage;
    const shrinkTile = async (piece: Piece): Promise<Piece | PlacedBlock> => {
      if (shrink === undefined || piece.kind === "chunk" || piece.level !== level) return piece;
      const { origin, block, isSpare } = piece;
      return {
        origin: origin.map((at, axis) => at / (factors[axis] ?? 1)),
        block: await shrink(block, { ...options, isSpare }),
      };
    };
    for await (const piece of readAhead(pieces, TILES_AT_ONCE, shrinkTile)) {
      if ("kind" in piece) yield piece;
      else yield* complete(next, level + 1, piece);
    }
    if (isEnd) yield* complete(next, level + 1);
  }

  async function* run(first: AsyncIterable<Piece>, isEnd: boolean, options?: ReadOptions) {
    let pieces = first;
    for (let level = 0; level < stages.length - 1; level++) {
      pieces = shrinkTiles(pieces, level, isEnd, options);
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

/** The smallest box of whole chunks that whole pixels of the next level are made of. */
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
