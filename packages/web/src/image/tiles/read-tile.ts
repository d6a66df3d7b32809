import {
  type OpenImage,
  type OpenLevel,
  type PixelBlock,
  type PixelValues,
  type ReadOptions,
  toPixelBlock,
} from "@ozx/core";
import type { Pyramid, Tile } from "./image-plane.js";

/** Positions along the axes that are not drawn, those of the largest level; the channel among them. */
export type Slice = Readonly<Record<string, number>>;

/** Small levels that have been read, or are being read: the picture, its overview and the windows all ask for them. */
const small = new WeakMap<OpenImage, Map<string, Promise<PixelValues>>>();
const MOST_SMALL = 64;

/** Reads the pixels of a tile, row after row; a small level that is one tile only once. */
export function readTile(
  pyramid: Pyramid,
  tile: Tile,
  slice: Slice,
  options?: ReadOptions,
): Promise<PixelValues> {
  const { level, x, y } = tile;
  const whole = x[1] - x[0] === level.width && y[1] - y[0] === level.height;
  if (!whole || level.width * level.height > 512 * 512) return readPixels(pyramid, tile, slice, options);
  const kept = small.get(pyramid.image) ?? new Map<string, Promise<PixelValues>>();
  small.set(pyramid.image, kept);
  const key = `${level.index} ${JSON.stringify(slice)}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  // For all who ask for it, so without the signal of the first one.
  const reading = readPixels(pyramid, tile, slice);
  kept.set(key, reading);
  reading.catch(() => kept.delete(key));
  for (const oldest of kept.keys()) {
    if (kept.size <= MOST_SMALL) break;
    kept.delete(oldest);
  }
  return reading;
}

async function readPixels(
  { image, roles }: Pyramid,
  tile: Tile,
  slice: Slice,
  options?: ReadOptions,
): Promise<PixelValues> {
  const { level } = tile.level;
  const selection: Record<string, number | readonly [number, number]> = {};
  for (const [at, { name }] of level.axes.entries()) {
    if (at === roles.x) selection[name] = tile.x;
    else if (at === roles.y) selection[name] = tile.y;
    else selection[name] = positionIn(level, image.level(0), at, slice[name] ?? 0);
  }
  const { data, shape, stride } = await level.read(selection, options);
  const turned = roles.x < roles.y;
  const pixels = turned
    ? { data, shape: [...shape].reverse(), stride: [...stride].reverse() }
    : { data, shape, stride };
  return toPixelBlock(pixels).data;
}

/** A position of the largest level as one of a level that may be smaller along this axis too. */
function positionIn(level: OpenLevel, first: OpenLevel, axis: number, position: number): number {
  const size = level.shape[axis] ?? 1;
  const whole = first.shape[axis] ?? 1;
  const own = size === whole ? position : Math.floor((position * size) / whole);
  return Math.max(0, Math.min(size - 1, own));
}

/** Pixels as WebGL has textures for, and the name that Viv has for their type. */
export interface DrawnPixels {
  readonly data: PixelBlock["data"];
  readonly dtype: "Uint8" | "Int8" | "Uint16" | "Int16" | "Uint32" | "Int32" | "Float32";
}

/** WebGL has no numbers of 64 bits: those become floats of 32, which have 24 bits for the digits. */
export function asDrawn(data: PixelValues): DrawnPixels {
  if (data instanceof Uint8Array) return { data, dtype: "Uint8" };
  if (data instanceof Int8Array) return { data, dtype: "Int8" };
  if (data instanceof Uint16Array) return { data, dtype: "Uint16" };
  if (data instanceof Int16Array) return { data, dtype: "Int16" };
  if (data instanceof Uint32Array) return { data, dtype: "Uint32" };
  if (data instanceof Int32Array) return { data, dtype: "Int32" };
  if (data instanceof Float32Array) return { data, dtype: "Float32" };
  return { data: Float32Array.from(data as ArrayLike<number | bigint>, Number), dtype: "Float32" };
}

/** What to say of a data type that is not drawn as it is. */
export function castNote(dtype: string): string | undefined {
  return /^(?:u?int64|float64)$/.test(dtype)
    ? `Its ${dtype} values are drawn as float32, which has some 7 digits.`
    : undefined;
}
