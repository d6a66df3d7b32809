import { between, type Random, seededRandom, smoothField } from "./numbers.js";

/** One cell: its position, the orientation of its nucleus, and the brightness of its stain. Lengths are in pixels. */
export interface Cell {
  readonly y: number;
  readonly x: number;
  /** Height of the centre, from -1 (first plane) to 1 (last plane). */
  readonly z: number;
  readonly radius: number;
  /** Semi-axes of the nucleus. */
  readonly nucleus: { readonly long: number; readonly short: number };
  /** Unit vector along the long axis. */
  readonly direction: { readonly y: number; readonly x: number };
  readonly stain: number;
}

/** A sheet of cells: the cell of each pixel, and the distances of the pixel to its centre and border. */
export interface Tissue {
  readonly height: number;
  readonly width: number;
  /** Typical distance between two cells. */
  readonly spacing: number;
  readonly cells: readonly Cell[];
  /** Index in `cells`, for each pixel. */
  readonly owner: Int32Array;
  /** Distance to the centre of the cell. */
  readonly distance: Float32Array;
  /** Distance to the border with the nearest neighbour. */
  readonly border: Float32Array;
}

/** How far the borders bend, either way, in typical distances between cells. */
const BEND = 0.225;

/** Grows a sheet of touching cells with curved borders. */
export function growTissue({ height, width, seed }: { height: number; width: number; seed: number }): Tissue {
  const spacing = Math.max(12, Math.min(height, width) / 8.5);
  const cells = placeCells({ height, width, spacing }, seededRandom(seed, 1));
  const owner = new Int32Array(height * width);
  const distance = new Float32Array(height * width);
  const border = new Float32Array(height * width);
  const warp = { height, width, cell: spacing * 0.55 };
  const warpY = smoothField(seededRandom(seed, 2), warp);
  const warpX = smoothField(seededRandom(seed, 3), warp);
  const ownPixel = (y: number, x: number, near: readonly number[]): void => {
    const bentY = y + 2 * BEND * spacing * (warpY(y, x) - 0.5);
    const bentX = x + 2 * BEND * spacing * (warpX(y, x) - 0.5);
    const i = y * width + x;
    let first = Number.POSITIVE_INFINITY;
    let second = Number.POSITIVE_INFINITY;
    for (const index of near) {
      const cell = cells[index];
      if (cell === undefined) continue;
      const squared = (cell.y - bentY) ** 2 + (cell.x - bentX) ** 2;
      if (squared < first) {
        second = first;
        first = squared;
        owner[i] = index;
      } else if (squared < second) second = squared;
    }
    distance[i] = Math.sqrt(first);
    border[i] = (Math.sqrt(second) - Math.sqrt(first)) / 2;
  };
  const side = Math.ceil(spacing / 4);
  for (let top = 0; top < height; top += side) {
    for (let left = 0; left < width; left += side) {
      const near = cellsNear(cells, { top, left, side, spacing });
      for (let y = top; y < Math.min(height, top + side); y++) {
        for (let x = left; x < Math.min(width, left + side); x++) ownPixel(y, x, near);
      }
    }
  }
  return { height, width, spacing, cells, owner, distance, border };
}

/** The indices of the cells that may be the nearest two of a pixel in a square: for each pixel, all take far longer. */
function cellsNear(
  cells: readonly Cell[],
  { top, left, side, spacing }: { top: number; left: number; side: number; spacing: number },
): number[] {
  const distances = cells.map((cell) =>
    Math.sqrt((cell.y - top - side / 2) ** 2 + (cell.x - left - side / 2) ** 2),
  );
  const second =
    [...distances]
      .sort((a, b) => a - b)
      .slice(0, 2)
      .at(-1) ?? 0;
  // A pixel, bent, is no farther than this from the middle of the square.
  const reach = Math.SQRT2 * (side / 2 + BEND * spacing);
  return [...cells.keys()].filter((index) => (distances[index] ?? 0) <= second + 2 * reach);
}

function placeCells(
  { height, width, spacing }: { height: number; width: number; spacing: number },
  random: Random,
): Cell[] {
  const cells: Cell[] = [];
  for (let attempt = 0; attempt < 3000; attempt++) {
    const y = between(random, 0, height);
    const x = between(random, 0, width);
    if (cells.some((cell) => (cell.y - y) ** 2 + (cell.x - x) ** 2 < (spacing * 0.85) ** 2)) continue;
    const long = spacing * between(random, 0.26, 0.36);
    cells.push({
      y,
      x,
      z: between(random, -0.45, 0.45),
      radius: spacing * between(random, 0.62, 0.8),
      nucleus: { long, short: long * between(random, 0.65, 0.9) },
      direction: randomDirection(random),
      stain: between(random, 0.55, 1),
    });
  }
  return cells;
}

function randomDirection(random: Random): { y: number; x: number } {
  for (;;) {
    const y = between(random, -1, 1);
    const x = between(random, -1, 1);
    const length = Math.sqrt(y * y + x * x);
    if (length > 0.1 && length < 1) return { y: y / length, x: x / length };
  }
}
