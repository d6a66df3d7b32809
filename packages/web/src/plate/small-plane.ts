import type { PixelValues, ReadOptions } from "@ozx/core";
import { type PlacedLevel, type Pyramid, smallestLevel } from "../image/tiles/image-plane.js";
import { channelSlice, readTile, type Slice } from "../image/tiles/read-tile.js";

/** One channel of an image as a small picture. */
export interface SmallPlane {
  /** Row after row. */
  readonly values: PixelValues;
  readonly width: number;
  readonly height: number;
}

interface SmallPlaneRequest {
  readonly slice: Slice;
  readonly channel: number;
  /** The longest edge, in pixels. */
  readonly extent: number;
}

/** The most pixels of a level that are read along x and y. */
const MAX_EXTENT = 2048;

/** Reads a plane at the lowest resolution and keeps some of its pixels; of a level above 2048 × 2048, the middle. */
export async function readSmallPlane(
  pyramid: Pyramid,
  { slice, channel, extent }: SmallPlaneRequest,
  options?: ReadOptions,
): Promise<SmallPlane> {
  const level = smallestLevel(pyramid);
  const [x, y] = [middle(level.width), middle(level.height)];
  const tile = { level, row: 0, column: 0, x, y, bounds: { left: 0, top: 0, right: 0, bottom: 0 } };
  const values = await readTile(pyramid, tile, channelSlice(pyramid, slice, channel), options);
  return thinned(values, { width: x[1] - x[0], height: y[1] - y[0] }, extent);
}

function middle(size: PlacedLevel["width"]): readonly [number, number] {
  const start = Math.max(0, Math.floor((size - MAX_EXTENT) / 2));
  return [start, Math.min(size, start + MAX_EXTENT)];
}

/** Every nth pixel, so that thousands of planes fit into memory. */
function thinned(
  values: PixelValues,
  { width, height }: { readonly width: number; readonly height: number },
  extent: number,
): SmallPlane {
  const step = Math.max(1, Math.ceil(Math.max(width, height) / extent));
  if (step === 1) return { values, width, height };
  const [columns, rows] = [Math.ceil(width / step), Math.ceil(height / step)];
  const small = new (values.constructor as new (size: number) => PixelValues)(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      small[row * columns + column] = values[row * step * width + column * step] as never;
    }
  }
  return { values: small, width: columns, height: rows };
}
