import type { Rectangle } from "./tile-index.js";

/**
 * Leaves out the tiles of which nothing is seen in a region, since one above covers all of their part of it: of tiles that
 * overlap a little, as those of a mosaic do, all but one or two.
 *
 * @param tiles from the bottom to the top
 * @param seeThrough those that do not cover what is below
 * @returns the others, in their order
 */
export function hiddenBelow<T extends Rectangle>(
  tiles: readonly T[],
  region: Rectangle,
  seeThrough: ReadonlySet<T>,
): T[] {
  const shown: T[] = [];
  const covers: Rectangle[] = [];
  for (const tile of [...tiles].reverse()) {
    const part = intersection(tile, region);
    if (covers.some((cover) => isWithin(part, cover))) continue;
    shown.push(tile);
    if (!seeThrough.has(tile)) covers.push(part);
  }
  return shown.reverse();
}

/** What two rectangles that touch have in common. */
export function intersection(a: Rectangle, b: Rectangle): Rectangle {
  const [x, y] = [Math.max(a.x, b.x), Math.max(a.y, b.y)];
  return {
    x,
    y,
    width: Math.min(a.x + a.width, b.x + b.width) - x,
    height: Math.min(a.y + a.height, b.y + b.height) - y,
  };
}

function isWithin(part: Rectangle, cover: Rectangle): boolean {
  return (
    part.x >= cover.x &&
    part.y >= cover.y &&
    part.x + part.width <= cover.x + cover.width &&
    part.y + part.height <= cover.y + cover.height
  );
}
