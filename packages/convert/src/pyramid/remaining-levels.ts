import type { AbsolutePath } from "@ozx/core";
import type { TileOrder } from "@ozx/core/internal";
import { parseChunkKey, positionsIn } from "@ozx/core/internal";
import { type FeedLevel, tileShape } from "../chunks/chunk-feed.js";
import type { NewArray } from "../chunks/encode-entries.js";

/** A tile of a level, by its position among the tiles of that level. */
export interface LevelTile {
  readonly level: number;
  readonly position: readonly number[];
}

/** What is left to do where an earlier run has made some of the levels. */
export interface RemainingLevels {
  /** Whether a chunk is in something that is written. */
  isWritten(chunk: { readonly level: number; readonly origin: readonly number[] }): boolean;
  /**
   * The tile that has to be looked at in the place of one of the first level, undefined where nothing is made of it any
   * more: the same one where chunks are, one of a level that is written where only later ones are.
   */
  tileFor(position: readonly number[]): LevelTile | undefined;
}

interface Stage extends Pick<FeedLevel, "shape" | "chunkShape"> {
  /** Of the level's own tiles; those of the last level are its chunks. */
  readonly tile: readonly number[];
  readonly factors: readonly number[];
  /** Of what is stored, in pixels. */
  readonly object: readonly number[];
  readonly isSharded: boolean;
}

/**
 * Finds out what is left from the last entry that was written. A tile of one level lies in one chunk and one tile of
 * the next, since the chunks of the levels are alike and factors are 1 or 2; so with each tile of the first level at
 * most one chunk, and one entry, of every level becomes complete: from the larger to the smaller level.
 *
 * @param levels first the one that the others are made of
 * @param order of the tiles of the first level
 */
export function remainingLevels(
  levels: readonly Pick<FeedLevel, "shape" | "chunkShape" | "factors">[],
  arrays: readonly NewArray[],
  { compare }: TileOrder,
  last: AbsolutePath,
): RemainingLevels {
  const stages = levels.map(({ shape, chunkShape, factors }, level): Stage => {
    const object = arrays[level - 1]?.shardShape;
    return {
      shape,
      chunkShape,
      tile: factors === undefined ? chunkShape : tileShape(chunkShape, factors),
      factors: factors ?? shape.map(() => 1),
      object: object ?? chunkShape,
      isSharded: object !== undefined,
    };
  });
  const before = (a: readonly number[], b: readonly number[]): boolean => compare(a, b) < 0;

  /** The tile of the first level with which a box of another one is complete: of all that lie in it the last. */
  const completes = (level: number, origin: readonly number[], extent: readonly number[]): number[] => {
    let end = origin.map((at, axis) => at + (extent[axis] ?? 1));
    let position: number[] = [];
    for (let above = level; above >= 0; above--) {
      const { shape, tile, factors } = at(stages, above);
      if (above < level) end = end.map((stop, axis) => stop * (factors[axis] ?? 1));
      end = end.map((stop, axis) => Math.min(stop, shape[axis] ?? 0));
      if (above === level && level > 0) continue;
      position = end.map((stop, axis) => Math.floor((stop - 1) / (tile[axis] ?? 1)));
      end = position.map((index, axis) => (index + 1) * (tile[axis] ?? 1));
    }
    return position;
  };

  const stop = ((): { readonly level: number; readonly tile: readonly number[] } => {
    for (const [index, array] of arrays.entries()) {
      if (!last.startsWith(`${array.path}/`)) continue;
      const chunkKey = { prefix: "c", separator: "/" } as const;
      const position = parseChunkKey(last.slice(array.path.length + 1), { ...array, chunkKey });
      const { object } = at(stages, index + 1);
      if (position === undefined) break;
      const origin = position.map((at, axis) => at * (object[axis] ?? 1));
      return { level: index + 1, tile: completes(index + 1, origin, object) };
    }
    throw new RangeError(`${last} is in none of the levels that are made`);
  })();

  const isWritten: RemainingLevels["isWritten"] = ({ level, origin }) => {
    const { object } = at(stages, level);
    const start = origin.map((at, axis) => at - (at % (object[axis] ?? 1)));
    const tile = completes(level, start, object);
    const order = compare(tile, stop.tile);
    return order < 0 || (order === 0 && level <= stop.level);
  };

  const known = new Map<string, boolean>();
  /** Whether a tile was complete before the last entry was written, with all chunks in it and in what it is made of. */
  const isSettled = (level: number, position: readonly number[]): boolean => {
    const { shape, chunkShape, tile, isSharded } = at(stages, level);
    const origin = position.map((index, axis) => index * (tile[axis] ?? 1));
    if (!before(completes(level, origin, tile), stop.tile)) return false;
    if (level === 0 || !stages.slice(0, level + 1).some((stage) => stage.isSharded)) return true;
    const id = `${level} ${position.join()}`;
    const found = known.get(id);
    if (found !== undefined) return found;
    const end = origin.map((at, axis) => Math.min(at + (tile[axis] ?? 1), shape[axis] ?? 0));
    let settled = true;
    if (isSharded) {
      for (const chunk of cellsIn(origin, end, chunkShape)) {
        const at = chunk.map((index, axis) => index * (chunkShape[axis] ?? 1));
        settled &&= isWritten({ level, origin: at });
      }
    }
    const above = at(stages, level - 1);
    const grown = (edge: readonly number[]): number[] =>
      edge.map((at, axis) => at * (above.factors[axis] ?? 1));
    const within = grown(end).map((at, axis) => Math.min(at, above.shape[axis] ?? 0));
    for (const part of settled ? cellsIn(grown(origin), within, above.tile) : []) {
      settled &&= isSettled(level - 1, part);
    }
    known.set(id, settled);
    return settled;
  };

  return {
    isWritten,
    tileFor(position) {
      if (!before(position, stop.tile)) return { level: 0, position };
      let inside = position;
      for (let level = 1; level < stages.length; level++) {
        const { tile, factors } = at(stages, level - 1);
        const next = at(stages, level);
        const around = inside.map((index, axis) =>
          Math.floor((index * (tile[axis] ?? 1)) / (factors[axis] ?? 1) / (next.tile[axis] ?? 1)),
        );
        if (!isSettled(level, around)) return { level: level - 1, position: inside };
        const origin = around.map((index, axis) => index * (next.tile[axis] ?? 1));
        if (completes(level, origin, next.tile).some((index, axis) => index !== position[axis]))
          return undefined;
        inside = around;
      }
      return undefined;
    },
  };
}

function* cellsIn(
  origin: readonly number[],
  stop: readonly number[],
  cell: readonly number[],
): Generator<readonly number[]> {
  yield* positionsIn(
    origin.map((at, axis) => Math.floor(at / (cell[axis] ?? 1))),
    stop.map((at, axis) => Math.ceil(at / (cell[axis] ?? 1))),
  );
}

function at(stages: readonly Stage[], level: number): Stage {
  return stages[level] as Stage;
}
