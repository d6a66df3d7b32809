import { type AbsolutePath, type StoreEntry, UsageError } from "@ozx/core";
import {
  cellsOver,
  countElements,
  createPositionSet,
  formatChunkKey,
  formatCount,
  gridShape,
  itemSizeOf,
  joinKey,
  nameBelow,
  parseChunkKey,
  positionsOf,
} from "@ozx/core/internal";
import { type Box, boxOf, intersection } from "../chunks/cells.js";
import { type Recut, sourceBoxOf } from "./recut-array.js";
import { hasOneFill } from "./rescale-pixels.js";

/** Which chunks of a recut array have pixels that are stored in its source. */
export interface StoredParts {
  /** Takes what is stored of the source. */
  add(entry: StoreEntry): void;
  /** The positions of the new chunks of which something is stored. */
  positions(): Iterable<readonly number[]>;
  /** How many bytes the source stores for a byte of pixels, as far as it was listed: at most 1. */
  ratio(): number;
}

export function createStoredParts(recut: Recut): StoredParts {
  const { node, start, extent, shape, chunkShape, project, rescale } = recut;
  const { array, path } = node;
  const objectShape = array.shardShape ?? array.chunkShape;
  const grid = gridShape(shape, chunkShape);
  // Where channels are rescaled apart, what is not stored has another value in each.
  const isDense = rescale !== undefined && !hasOneFill(rescale, Number(array.fillValue ?? 0) || 0);
  const window = { start, stop: start.map((at, axis) => at + (extent[axis] ?? 0)) };
  const positions = createPositionSet(grid);
  let [bytes, objects] = [0, 0];

  /** A box of the source in pixels of the new array. */
  const moved = ({ start: from, stop }: Box): Box => ({
    start: from.map((at, axis) => (project?.axes.includes(axis) ? 0 : at - (start[axis] ?? 0))),
    stop: stop.map((at, axis) => (project?.axes.includes(axis) ? 1 : at - (start[axis] ?? 0))),
  });

  return {
    add({ key, size }) {
      const position = parseChunkKey(nameBelow(path, key), array);
      if (position === undefined) return;
      const part = intersection(boxOf(position, objectShape, array.shape), window);
      if (part === undefined) return;
      bytes += size;
      objects++;
      const count = countElements(cellsAlong(moved(part), chunkShape));
      if (count > MOST_CHUNKS) throw tooManyChunks(recut, count);
      for (const at of cellsOver(moved(part), chunkShape)) positions.add(at);
    },
    *positions() {
      if (!isDense) yield* positions;
      else if (countElements(grid) <= MOST_CHUNKS) yield* positionsOf(grid);
      else throw tooManyChunks(recut, countElements(grid));
    },
    ratio() {
      const pixels = objects * countElements(objectShape) * (itemSizeOf(array.dtype) ?? 1);
      return pixels === 0 ? 1 : Math.min(1, bytes / pixels);
    },
  };
}

/** The most new chunks of one stored one: what a document claims of its shape need not be true. */
const MOST_CHUNKS = 4 * 1024 * 1024;

function cellsAlong({ start, stop }: Box, cell: readonly number[]): number[] {
  return start.map((at, axis) => {
    const extent = cell[axis] ?? 1;
    return Math.ceil((stop[axis] ?? 0) / extent) - Math.floor(at / extent);
  });
}

function tooManyChunks({ node, chunkShape }: Recut, count: number): UsageError {
  return new UsageError(
    `chunks of ${node.path} would become ${formatCount(count)} chunks of ${chunkShape.join(" × ")}: ask for larger ones`,
  );
}

/** The keys of the source that may hold pixels of a new chunk. */
export function* sourceKeysOf(recut: Recut, position: readonly number[]): Generator<AbsolutePath> {
  const { array, path } = recut.node;
  const box = sourceBoxOf(recut, boxOf(position, recut.chunkShape, recut.shape));
  for (const at of cellsOver(box, array.shardShape ?? array.chunkShape)) {
    yield joinKey(path, formatChunkKey(at, array.chunkKey));
  }
}
