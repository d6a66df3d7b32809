import { createTileIndex, type TileIndex } from "@ozx/virtual";
import type { CziLevel, Tile } from "./layout.js";

/** Tiles that are looked at before a level, whose tiles lie as those of no microscope do, is given up. */
const MOST_LOOKS = 50_000_000;

/**
 * Whether a reduced level shows all that the full resolution does: files have levels of some channels only, or of some
 * tiles, which would look like missing pixels.
 */
export function coversPlanes(level: CziLevel, full: CziLevel): boolean {
  const { factor } = level;
  const budget = { tiles: MOST_LOOKS };
  for (const [plane, tiles] of full.planes) {
    const reduced = level.planes.get(plane);
    if (reduced === undefined) return false;
    const index = createTileIndex(reduced);
    if (!tiles.every((tile) => isCovered(tile, { factor, index, budget }))) return false;
  }
  return true;
}

interface Reduced {
  readonly factor: number;
  readonly index: TileIndex;
  readonly budget: { tiles: number };
}

/** Whether reduced tiles lie over the middle of a tile, and over its corners but for what rounding moves. */
function isCovered({ x, y, width, height }: Tile, { factor, index, budget }: Reduced): boolean {
  const inside = (from: number, size: number): readonly number[] => {
    const last = from + size - 1;
    const margin = Math.min(factor, (size - 1) / 2);
    return [from + margin, (from + last) / 2, last - margin];
  };
  return inside(y, height).every((row) =>
    inside(x, width).every((column) => {
      const at = { x: Math.floor(column / factor), y: Math.floor(row / factor) };
      // An edge that was rounded down ends a pixel early.
      return index.touches({ x: at.x - 1, y: at.y - 1, width: 3, height: 3 }, budget);
    }),
  );
}
