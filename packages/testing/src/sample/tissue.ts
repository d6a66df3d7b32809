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
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const bentY = y + spacing * 0.45 * (warpY(y, x) - 0.5);
      const bentX = x + spacing * 0.45 * (warpX(y, x) - 0.5);
      let first = Number.POSITIVE_INFINITY;
      let second = Number.POSITIVE_INFINITY;
      cells.forEach((cell, index) => {
        const squared = (cell.y - bentY) ** 2 + (cell.x - bentX) ** 2;
        if (squared < first) {
          second = first;
          first = squared;
          owner[i] = index;
        } else if (squared < second) second = squared;
      });
      distance[i] = Math.sqrt(first);
      border[i] = (Math.sqrt(second) - Math.sqrt(first)) / 2;
    }
  }
  return { height, width, spacing, cells, owner, distance, border };
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
