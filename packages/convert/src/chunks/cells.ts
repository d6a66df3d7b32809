import type { PixelValues } from "@ozx/core";
import type { PixelBlock } from "@ozx/core/internal";
import { emptyLike, positionsIn } from "@ozx/core/internal";

/** Pixels and where they lie in their array. */
export interface PlacedBlock<Values extends PixelValues = PixelValues> {
  /** The first pixel of the block, one index an axis. */
  readonly origin: readonly number[];
  readonly block: PixelBlock<Values>;
}

/**
 * Puts blocks of any shape together to the cells of a regular grid, as to the chunks of an array. Only cells that
 * are not complete are held. Cells at the array's edge are as large as what is in the array.
 */
export interface Cells {
  /**
   * Takes a block, which must lie in the array, and gives the cells that are complete with it. A block that is a
   * cell is given back as it is.
   *
   * @throws RangeError when a pixel was put before
   */
  put(placed: PlacedBlock): Generator<PlacedBlock>;
  /** Gives what is left: cells of which some pixels never came, which are 0. */
  flush(): Generator<PlacedBlock>;
}

interface Cell extends PlacedBlock {
  /** What has come so far, as boxes that do not touch each other. */
  readonly boxes: Box[];
  missing: number;
}

interface Box {
  readonly start: readonly number[];
  readonly stop: readonly number[];
}

export function createCells(shape: readonly number[], cellShape: readonly number[]): Cells {
  const grid = shape.map((extent, axis) => Math.ceil(extent / (cellShape[axis] ?? 1)));
  const open = new Map<number, Cell>();
  const done = createBits(grid.reduce((product, extent) => product * extent, 1));

  const boxOf = (position: readonly number[]): Box => {
    const start = position.map((index, axis) => index * (cellShape[axis] ?? 1));
    return { start, stop: start.map((at, axis) => Math.min(at + (cellShape[axis] ?? 1), shape[axis] ?? 0)) };
  };

  return {
    *put({ origin, block }) {
      const whole = { start: origin, stop: origin.map((at, axis) => at + (block.shape[axis] ?? 1)) };
      const first = origin.map((at, axis) => Math.floor(at / (cellShape[axis] ?? 1)));
      const stop = whole.stop.map((at, axis) => Math.ceil(at / (cellShape[axis] ?? 1)));
      const idOf = (position: readonly number[]): number =>
        position.reduce((sum, index, axis) => sum * (grid[axis] ?? 1) + index, 0);
      // Before anything is taken: what is refused is refused as a whole.
      for (const position of positionsIn(first, stop)) {
        const id = idOf(position);
        const overlap = done.has(id)
          ? intersection(whole, boxOf(position))
          : open.get(id)?.boxes.find((box) => intersection(box, whole) !== undefined);
        if (overlap === undefined) continue;
        throw new RangeError(
          `the pixels from ${formatPosition(overlap.start)} to ${formatPosition(overlap.stop)} were written before`,
        );
      }
      for (const position of positionsIn(first, stop)) {
        const id = idOf(position);
        const bounds = boxOf(position);
        const part = intersection(whole, bounds);
        if (part === undefined) continue;
        const known = open.get(id);
        if (known === undefined && sameBox(whole, bounds)) {
          done.add(id);
          yield { origin: bounds.start, block };
          return;
        }
        const cell = known ?? openCell(bounds, block.data);
        copyBox(block, origin, cell.block, cell.origin, part);
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

function openCell(bounds: Box, like: PixelValues): Cell {
  const shape = bounds.start.map((at, axis) => (bounds.stop[axis] ?? at) - at);
  const missing = volumeOf(bounds);
  return { origin: bounds.start, block: { data: emptyLike(like, missing), shape }, boxes: [], missing };
}

/** Copies the pixels of a box, given by its place in the array, from one block to another. */
function copyBox(
  from: PixelBlock,
  fromOrigin: readonly number[],
  to: PixelBlock,
  toOrigin: readonly number[],
  box: Box,
): void {
  const last = box.start.length - 1;
  const length = last < 0 ? 1 : (box.stop[last] ?? 0) - (box.start[last] ?? 0);
  const source = from.data as Uint8Array;
  const target = to.data as Uint8Array;
  const walk = (axis: number, fromAt: number, toAt: number): void => {
    if (axis >= last) {
      const a = last < 0 ? 0 : fromAt + (box.start[last] ?? 0) - (fromOrigin[last] ?? 0);
      const b = last < 0 ? 0 : toAt + (box.start[last] ?? 0) - (toOrigin[last] ?? 0);
      target.set(source.subarray(a, a + length), b);
      return;
    }
    for (let i = box.start[axis] ?? 0; i < (box.stop[axis] ?? 0); i++) {
      walk(
        axis + 1,
        (fromAt + i - (fromOrigin[axis] ?? 0)) * (from.shape[axis + 1] ?? 1),
        (toAt + i - (toOrigin[axis] ?? 0)) * (to.shape[axis + 1] ?? 1),
      );
    }
  };
  walk(0, 0, 0);
}

function intersection(a: Box, b: Box): Box | undefined {
  const start = a.start.map((at, axis) => Math.max(at, b.start[axis] ?? 0));
  const stop = a.stop.map((at, axis) => Math.min(at, b.stop[axis] ?? 0));
  return start.every((at, axis) => at < (stop[axis] ?? 0)) ? { start, stop } : undefined;
}

function sameBox(a: Box, b: Box): boolean {
  return a.start.every((at, axis) => at === b.start[axis] && a.stop[axis] === b.stop[axis]);
}

function volumeOf({ start, stop }: Box): number {
  return start.reduce((product, at, axis) => product * ((stop[axis] ?? 0) - at), 1);
}

function formatPosition(position: readonly number[]): string {
  return `[${position.join(", ")}]`;
}

/** A set of numbers below `count`, in pages that are made when they are needed. */
function createBits(count: number): { has(index: number): boolean; add(index: number): void } {
  const pages = new Map<number, Uint8Array>();
  const size = Math.min(count, PAGE);
  return {
    has: (index) => pages.get(Math.floor(index / PAGE))?.[index % PAGE] === 1,
    add: (index) => {
      const page = Math.floor(index / PAGE);
      const bits = pages.get(page) ?? new Uint8Array(size);
      bits[index % PAGE] = 1;
      pages.set(page, bits);
    },
  };
}

const PAGE = 65_536;
