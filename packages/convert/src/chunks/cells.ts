import type { PixelValues } from "@ozx/core";
import type { PixelBlock } from "@ozx/core/internal";
import {
  bytesOfPixels,
  copyBox,
  countElements,
  emptyLike,
  fillPixels,
  gridShape,
  positionNumbers,
  positionsIn,
  stridesOf,
} from "@ozx/core/internal";

/** Pixels and their position in an array. */
export interface PlacedBlock<Values extends PixelValues = PixelValues> {
  /** The position of the first pixel, one index per axis. */
  readonly origin: readonly number[];
  readonly block: PixelBlock<Values>;
}

/**
 * Assembles blocks of any shape into the cells of a regular grid, such as the chunks of an array. Only incomplete cells
 * are in memory. Cells at the array's edge are cut to what lies in the array.
 */
export interface Cells {
  /**
   * Takes a block, which must lie in the array, and yields the cells that it completes. A block that is a whole cell is
   * yielded without being copied.
   *
   * @throws RangeError if a pixel was put before; then no pixel of the block is taken
   */
  put(placed: PlacedBlock): Generator<PlacedBlock>;
  /** Yields the incomplete cells; pixels that were never put have the fill value. */
  flush(): Generator<PlacedBlock>;
}

/** Which pixels of an array are put; all by default. */
export interface ExpectedPixels {
  /** What all other pixels are. */
  readonly fill: number | bigint;
  /** How many of a cell's pixels are put. */
  count(cell: Box): number;
}

interface Cell extends PlacedBlock {
  /** The pixels that were put so far, as boxes that do not overlap. */
  readonly boxes: Box[];
  /** The number of pixels that are still to be put. */
  missing: number;
}

/** A box of pixels: its first position, and the position after its last one along each axis. */
export interface Box {
  readonly start: readonly number[];
  readonly stop: readonly number[];
}

/**
 * @param shape of the array
 * @param cellShape of a cell
 */
export function createCells(
  shape: readonly number[],
  cellShape: readonly number[],
  expected?: ExpectedPixels,
): Cells {
  const grid = gridShape(shape, cellShape);
  const numberOf = positionNumbers(grid);
  const open = new Map<number | bigint, Cell>();
  const done = createBits();

  return {
    *put({ origin, block }) {
      const whole = { start: origin, stop: origin.map((at, axis) => at + (block.shape[axis] ?? 1)) };
      const first = origin.map((at, axis) => Math.floor(at / (cellShape[axis] ?? 1)));
      const stop = whole.stop.map((at, axis) => Math.ceil(at / (cellShape[axis] ?? 1)));
      // Checked before any pixel is taken, so that a block is refused as a whole.
      for (const position of positionsIn(first, stop)) {
        const id = numberOf(position);
        const overlap = done.has(id)
          ? intersection(whole, boxOf(position, cellShape, shape))
          : open.get(id)?.boxes.find((box) => intersection(box, whole) !== undefined);
        if (overlap === undefined) continue;
        throw new RangeError(
          `the pixels from ${formatPosition(overlap.start)} to ${formatPosition(overlap.stop)} were written before`,
        );
      }
      for (const position of positionsIn(first, stop)) {
        const id = numberOf(position);
        const bounds = boxOf(position, cellShape, shape);
        const part = intersection(whole, bounds);
        if (part === undefined) continue;
        const known = open.get(id);
        if (known === undefined && sameBox(whole, bounds)) {
          done.add(id);
          yield { origin: bounds.start, block };
          return;
        }
        const cell = known ?? openCell(bounds, block.data, expected);
        copyPart({ origin, block }, cell, part);
        cell.boxes.push(part);
        cell.missing -= volumeOf(part);
        if (cell.missing > 0) {
          open.set(id, cell);
          continue;
        }
        open.delete(id);
        done.add(id);
        yield { origin: cell.origin, block: cell.block };
      }
    },
    *flush() {
      for (const [id, { origin, block }] of open) {
        open.delete(id);
        done.add(id);
        yield { origin, block };
      }
    },
  };
}

function openCell(bounds: Box, sameType: PixelValues, expected: ExpectedPixels | undefined): Cell {
  const shape = bounds.start.map((at, axis) => (bounds.stop[axis] ?? at) - at);
  const volume = volumeOf(bounds);
  const data = emptyLike(sameType, volume);
  if (expected !== undefined) fillPixels(data, expected.fill);
  const missing = expected?.count(bounds) ?? volume;
  return { origin: bounds.start, block: { data, shape }, boxes: [], missing };
}

/** Copies the pixels of a box, which is given in the array's coordinates and lies in both blocks. */
export function copyPart(from: PlacedBlock, to: PlacedBlock, { start, stop }: Box): void {
  const itemSize = to.block.data.BYTES_PER_ELEMENT;
  const fromStrides = stridesOf(from.block.shape, itemSize);
  const toStrides = stridesOf(to.block.shape, itemSize);
  const indexIn = ({ origin }: PlacedBlock, strides: readonly number[]): number =>
    start.reduce((sum, at, axis) => sum + (at - (origin[axis] ?? 0)) * (strides[axis] ?? 0), 0);
  copyBox(bytesOfPixels(from.block.data), bytesOfPixels(to.block.data), {
    itemSize,
    extents: start.map((at, axis) => (stop[axis] ?? at) - at),
    fromStart: indexIn(from, fromStrides),
    toStart: indexIn(to, toStrides),
    fromStrides,
    toStrides,
  });
}

/** A block as a whole chunk: one at the edge of an array is padded, with zeros or another value. */
export function padded(block: PixelBlock, chunkShape: readonly number[], fill?: number | bigint): PixelBlock {
  const { data, shape } = block;
  if (shape.every((extent, axis) => extent === chunkShape[axis])) return block;
  const whole = { data: emptyLike(data, countElements(chunkShape)), shape: chunkShape };
  if (fill !== undefined) fillPixels(whole.data, fill);
  const origin = shape.map(() => 0);
  copyPart({ origin, block }, { origin, block: whole }, { start: origin, stop: shape });
  return whole;
}

/** A cell of a regular grid as a box, cut to the array. */
export function boxOf(position: readonly number[], cell: readonly number[], shape: readonly number[]): Box {
  const start = position.map((at, axis) => at * (cell[axis] ?? 1));
  return { start, stop: start.map((at, axis) => Math.min(at + (cell[axis] ?? 1), shape[axis] ?? 0)) };
}

export function intersection(a: Box, b: Box): Box | undefined {
  const start = a.start.map((at, axis) => Math.max(at, b.start[axis] ?? 0));
  const stop = a.stop.map((at, axis) => Math.min(at, b.stop[axis] ?? 0));
  return start.every((at, axis) => at < (stop[axis] ?? 0)) ? { start, stop } : undefined;
}

function sameBox(a: Box, b: Box): boolean {
  return a.start.every((at, axis) => at === b.start[axis] && a.stop[axis] === b.stop[axis]);
}

export function volumeOf({ start, stop }: Box): number {
  return start.reduce((product, at, axis) => product * ((stop[axis] ?? 0) - at), 1);
}

function formatPosition(position: readonly number[]): string {
  return `[${position.join(", ")}]`;
}

/** A set of numbers from 0 on, in pages of 32, so that it takes little memory whether they are side by side or far apart. */
function createBits(): { has(index: number | bigint): boolean; add(index: number | bigint): void } {
  const pages = new Map<number | bigint, number>();
  const pageOf = (index: number | bigint): number | bigint =>
    typeof index === "bigint" ? index / 32n : Math.floor(index / 32);
  const bitOf = (index: number | bigint): number =>
    1 << (typeof index === "bigint" ? Number(index % 32n) : index % 32);
  return {
    has: (index) => ((pages.get(pageOf(index)) ?? 0) & bitOf(index)) !== 0,
    add: (index) => void pages.set(pageOf(index), (pages.get(pageOf(index)) ?? 0) | bitOf(index)),
  };
}
