import type { DirectoryEntry } from "../parse/directory-entry.js";

/** What levels of a pyramid are reduced by: powers of 2 and of 3, each up to more than any slide needs. */
const FACTORS: readonly number[] = [
  ...Array.from({ length: 20 }, (_, k) => 2 ** (k + 1)),
  ...Array.from({ length: 12 }, (_, k) => 3 ** (k + 1)),
].sort((a, b) => a - b);

/** Sides of tiles for which two pixels are a small part. */
const LARGE = 64;

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
  // The longer side tells more.
  const ratio = storedWidth >= storedHeight ? width / storedWidth : height / storedHeight;
  const within = (pixels: number): number[] =>
    FACTORS.filter(
      (factor) =>
        Math.abs(width / factor - storedWidth) <= pixels &&
        Math.abs(height / factor - storedHeight) <= pixels,
    ).sort((a, b) => Math.abs(a / ratio - 1) - Math.abs(b / ratio - 1));
  const near = within(1);
  // Levels that are made from one another round several times.
  return near.length > 0 || Math.min(storedWidth, storedHeight) < LARGE ? near : within(2);
}
