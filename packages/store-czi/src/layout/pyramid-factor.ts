import type { DirectoryEntry } from "../parse/directory-entry.js";

/** What levels of a pyramid are reduced by: powers of 2 and of 3, each up to more than any slide needs. */
const FACTORS: readonly number[] = [
  ...Array.from({ length: 20 }, (_, k) => 2 ** (k + 1)),
  ...Array.from({ length: 12 }, (_, k) => 3 ** (k + 1)),
].sort((a, b) => a - b);

/** The sizes of a tile, in the full resolution and as it is stored. */
export type TileSizes = Pick<DirectoryEntry, "width" | "height" | "storedWidth" | "storedHeight">;

/** Whether a tile is one of the full resolution. */
export function isFull({ width, height, storedWidth, storedHeight }: TileSizes): boolean {
  return width === storedWidth && height === storedHeight;
}

/**
 * The factors that a reduced tile may have. They are not exact: writers round up, and so tiles at an edge have others than
 * those beside them. Those that are nearer come first.
 */
export function factorsOf(sizes: TileSizes): number[] {
  const { width, height, storedWidth, storedHeight } = sizes;
  const fits = (size: number, stored: number, factor: number): boolean =>
    Math.abs(size / factor - stored) <= 1;
  // The longer side tells more.
  const ratio = storedWidth >= storedHeight ? width / storedWidth : height / storedHeight;
  return FACTORS.filter(
    (factor) => fits(width, storedWidth, factor) && fits(height, storedHeight, factor),
  ).sort((a, b) => Math.abs(a / ratio - 1) - Math.abs(b / ratio - 1));
}
