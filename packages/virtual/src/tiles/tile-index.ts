/** A rectangle of pixels. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Finds the tiles of a plane by where they are. */
export interface TileIndex<T extends Rectangle = Rectangle> {
  /** The tiles that a rectangle touches, in their order. */
  within(region: Rectangle): readonly T[];
  /**
   * Whether there is a tile that a rectangle touches.
   *
   * @param budget how many tiles may be looked at in all; what is looked at is subtracted
   */
  touches(region: Rectangle, budget: { tiles: number }): boolean;
}

/** Fewer tiles are looked through one by one. */
const FEW = 16;
/** A tile in more cells of the grid than so many is looked at always. */
const MOST_CELLS = 64;

/**
 * Indexes tiles by where they are, in a grid where there are many.
 *
 * @param tiles of one plane
 */
export function createTileIndex<T extends Rectangle>(tiles: readonly T[]): TileIndex<T> {
  const candidatesIn = tiles.length <= FEW ? () => tiles.keys() : gridOf(tiles);
  return {
    within(region) {
      const found = [...new Set(candidatesIn(region))].sort((a, b) => a - b);
      return found.flatMap((k): T[] => {
        const tile = tiles[k];
        return tile !== undefined && doTouch(tile, region) ? [tile] : [];
      });
    },
    touches(region, budget) {
      for (const k of candidatesIn(region)) {
        if (budget.tiles-- <= 0) return false;
        const tile = tiles[k];
        if (tile !== undefined && doTouch(tile, region)) return true;
      }
      return false;
    },
  };
}

function doTouch(a: Rectangle, b: Rectangle): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** A grid whose cells are as large as most tiles, so that a tile is in few of them: the indices of tiles near a rectangle. */
function gridOf(tiles: readonly Rectangle[]): (region: Rectangle) => Iterable<number> {
  const [across, down] = [middle(tiles.map(({ width }) => width)), middle(tiles.map(({ height }) => height))];
  const rows = new Map<number, Map<number, number[]>>();
  const large: number[] = [];
  const cellsOf = ({ x, y, width, height }: Rectangle) => ({
    top: Math.floor(y / down),
    bottom: Math.floor((y + height - 1) / down),
    left: Math.floor(x / across),
    right: Math.floor((x + width - 1) / across),
  });
  for (const [k, tile] of tiles.entries()) {
    const { top, bottom, left, right } = cellsOf(tile);
    if ((bottom - top + 1) * (right - left + 1) > MOST_CELLS) {
      large.push(k);
      continue;
    }
    for (let row = top; row <= bottom; row++) {
      const cells = rows.get(row) ?? new Map<number, number[]>();
      rows.set(row, cells);
      for (let column = left; column <= right; column++) {
        const known = cells.get(column);
        if (known === undefined) cells.set(column, [k]);
        else known.push(k);
      }
    }
  }
  return function* candidates(region) {
    yield* large;
    const { top, bottom, left, right } = cellsOf(region);
    for (let row = top; row <= bottom; row++) {
      const cells = rows.get(row);
      if (cells === undefined) continue;
      for (let column = left; column <= right; column++) yield* cells.get(column) ?? [];
    }
  };
}

function middle(sizes: number[]): number {
  const sorted = sizes.sort((a, b) => a - b);
  return Math.max(1, sorted[Math.floor(sorted.length / 2)] ?? 1);
}
