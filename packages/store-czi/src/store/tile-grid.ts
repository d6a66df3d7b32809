import type { CziLevel, Tile } from "../layout/layout.js";
import type { PixelForm } from "../layout/pixel-form.js";
import { pixelTypeOf } from "../parse/pixel-types.js";

/** Tiles that lie side by side as chunks do, all stored in the same way. */
export interface TileGrid {
  /** The sides of all tiles but those at the right and the bottom. */
  readonly width: number;
  readonly height: number;
  readonly compression: number;
  /** One of them. */
  readonly first: Tile;
}

/**
 * The grid that the tiles of a level lie on, none of them over another.
 *
 * @returns undefined where they do not, or where they are stored in different ways
 */
export function gridOf(level: CziLevel, form: PixelForm): TileGrid | undefined {
  let first: Tile | undefined;
  let [width, height] = [0, 0];
  for (const tiles of level.planes.values()) {
    for (const tile of tiles) {
      first ??= tile;
      const type = pixelTypeOf(tile.pixelType);
      if (
        tile.compression !== first.compression ||
        type?.kind !== form.kind ||
        type.itemSize !== form.itemSize
      ) {
        return undefined;
      }
      width = Math.max(width, tile.width);
      height = Math.max(height, tile.height);
    }
  }
  if (first === undefined) return undefined;
  const isInCell = ({ x, y, width: w, height: h }: Tile): boolean =>
    x >= 0 &&
    y >= 0 &&
    x % width === 0 &&
    y % height === 0 &&
    (w === width || x + w === level.width) &&
    (h === height || y + h === level.height);
  for (const tiles of level.planes.values()) {
    const cells = new Set<number>();
    for (const tile of tiles) {
      if (!isInCell(tile)) return undefined;
      cells.add((tile.y / height) * Math.ceil(level.width / width) + tile.x / width);
    }
    if (cells.size < tiles.length) return undefined;
  }
  return { width, height, compression: first.compression, first };
}
