import type { Rectangle } from "@ozx/virtual";
import type { LifElement, LifTile } from "../parse/elements.js";
import type { PixelLayout } from "./pixel-layout.js";
import { scaleOf } from "./scale.js";

/** A part of an image, in its pixels. */
export interface ImageTile extends Rectangle {
  /** Bytes from the start of the block to its first pixel. */
  readonly start: number;
}

/** An image that is composed of tiles. */
export interface Composition {
  readonly width: number;
  readonly height: number;
  /** They do not overlap. */
  readonly tiles: readonly ImageTile[];
  /** Where its first pixel is on the stage, in pixels. */
  readonly origin?: { readonly x: number; readonly y: number } | undefined;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** How far tiles may lie from whole pixels. */
const TOLERANCE = 0.1;
/** How many times its tiles an image may be, most of which is empty then. */
const MOST_EMPTY = 16;

/**
 * Puts the tiles of a mosaic together, by their positions on the stage: the way that the flags `FlipX`, `FlipY` and
 * `SwapXY` turn them is that of LAS X. Tiles that overlap stay apart: pixels would be lost, and which of them are right is
 * not said.
 *
 * @returns the image, or why its tiles cannot be put together, as the end of a sentence about them
 */
export function composeTiles(element: LifElement, layout: PixelLayout): Composition | string {
  const { width, height } = layout;
  const { count, step } = layout.tiles;
  if (count === 1) return { width, height, tiles: [{ x: 0, y: 0, width, height, start: 0 }] };
  const { tiles, tileScan } = element;
  if (tiles.length === 0) return "whose positions are not said";
  if (tiles.length !== count) return `of which ${tiles.length} have positions`;
  const pixel = pixelSize(element);
  if (pixel === undefined) return "whose pixel size is not known";
  if (tileScan?.swapXY && tileScan.flipX !== tileScan.flipY)
    return "whose axes are turned in a way that is not known";
  const positions = tiles.map((tile) => turned(tile, element, pixel));
  const origin = { x: least(positions.map(({ x }) => x)), y: least(positions.map(({ y }) => y)) };
  const places: ImageTile[] = [];
  for (const [k, position] of positions.entries()) {
    const [exactX, exactY] = [position.x - origin.x, position.y - origin.y];
    const [x, y] = [Math.round(exactX), Math.round(exactY)];
    if (!(Math.abs(exactX - x) <= TOLERANCE && Math.abs(exactY - y) <= TOLERANCE)) {
      return "whose positions are not whole pixels apart";
    }
    places.push({ x, y, width, height, start: k * step });
  }
  const whole = {
    width: most(places.map(({ x }) => x)) + width,
    height: most(places.map(({ y }) => y)) + height,
  };
  if (whole.width * whole.height > MOST_EMPTY * count * width * height) return "which lie far apart";
  if (doOverlap(places)) return "which overlap, so that pixels would be lost";
  if (!areGridsAlike(element, pixel)) return "whose rows and columns contradict their positions";
  return { ...whole, tiles: places, origin };
}

/** Where a tile is, in pixels on the stage, turned as the image is; undefined where that is not known. */
export function tileOrigin(element: LifElement, { tiles }: PixelLayout, k: number): Point | undefined {
  const tile = element.tiles[k];
  const pixel = pixelSize(element);
  if (tile === undefined || pixel === undefined || element.tiles.length !== tiles.count) return undefined;
  const origin = turned(tile, element, pixel);
  return Number.isFinite(origin.x) && Number.isFinite(origin.y) ? origin : undefined;
}

/** In meters. */
function pixelSize(element: LifElement): Point | undefined {
  const { x, y } = scaleOf(element);
  return x && y && { x: x.value / 1e6, y: y.value / 1e6 };
}

function turned({ x, y }: LifTile, { tileScan }: LifElement, pixel: Point): Point {
  const [across, down] = [tileScan?.flipX ? -x : x, tileScan?.flipY ? -y : y];
  return tileScan?.swapXY
    ? { x: down / pixel.x, y: across / pixel.y }
    : { x: across / pixel.x, y: down / pixel.y };
}

/** Whether two tiles have pixels in common. All are of one size. */
function doOverlap(tiles: readonly ImageTile[]): boolean {
  const cells = new Map<string, ImageTile>();
  return tiles.some((tile) => {
    const [column, row] = [Math.floor(tile.x / tile.width), Math.floor(tile.y / tile.height)];
    const isFree = AROUND.every(([across, down]) => {
      const other = cells.get(`${column + across} ${row + down}`);
      return (
        other === undefined ||
        Math.abs(other.x - tile.x) >= tile.width ||
        Math.abs(other.y - tile.y) >= tile.height
      );
    });
    cells.set(`${column} ${row}`, tile);
    return !isFree;
  });
}

const AROUND = [-1, 0, 1].flatMap((across) => [-1, 0, 1].map((down) => [across, down] as const));

/** Whether tiles that are said to be in one column, or row, are there; their columns and rows may also be running numbers. */
function areGridsAlike({ tiles, tileScan }: LifElement, pixel: Point): boolean {
  const [stageX, stageY] = tileScan?.swapXY ? [pixel.y, pixel.x] : [pixel.x, pixel.y];
  const columns = tiles.map(({ column, x }): Step => ({ index: column, at: x / stageX }));
  const rows = tiles.map(({ row, y }): Step => ({ index: row, at: y / stageY }));
  const isGrid = [columns, rows].every(
    (steps) => new Set(steps.map(({ index }) => index)).size < tiles.length,
  );
  return !isGrid || (doRise(columns) && doRise(rows));
}

interface Step {
  readonly index: number;
  readonly at: number;
}

/** Whether equal indices are at one place, and larger ones farther on. */
function doRise(steps: readonly Step[]): boolean {
  const sorted = [...steps].sort((a, b) => a.index - b.index);
  return sorted.every(({ index, at }, k) => {
    const before = sorted[k - 1];
    if (before === undefined) return true;
    return index === before.index
      ? Math.abs(at - before.at) <= 2 * TOLERANCE
      : at - before.at > 2 * TOLERANCE;
  });
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

function most(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
}
