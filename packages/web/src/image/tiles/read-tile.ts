import type { OpenImage, OpenLevel, PixelValues, ReadOptions } from "@ozx/core";
import { type PixelBlock, toPixelBlock } from "@ozx/core/internal";
import { type Pyramid, SMALL_PLANE, type Tile } from "./image-plane.js";

/** Positions on the largest level along the axes that are not drawn, by their names; the channel may be one of them. */
export type Slice = Readonly<Record<string, number>>;

/** The slice of one channel; `slice` itself where the image has no channel axis. */
export function channelSlice({ image, roles }: Pyramid, slice: Slice, channel: number): Slice {
  const name = roles.channel === undefined ? undefined : image.axes[roles.channel]?.name;
  return name === undefined ? slice : { ...slice, [name]: channel };
}

/** Planes of small levels: the picture, the overview and the contrast windows all read them. */
const smallPlanes = new WeakMap<OpenImage, Map<string, Promise<PixelValues>>>();
const MAX_SMALL_PLANES = 64;

/** Reads the pixels of a tile, row after row. A plane of at most 512 × 512 pixels that is one tile is cached. */
export function readTile(
  pyramid: Pyramid,
  tile: Tile,
  slice: Slice,
  options?: ReadOptions,
): Promise<PixelValues> {
  const { level, x, y } = tile;
  const whole = x[1] - x[0] === level.width && y[1] - y[0] === level.height;
  if (!whole || level.width * level.height > SMALL_PLANE) return readPixels(pyramid, tile, slice, options);
  const cache = smallPlanes.get(pyramid.image) ?? new Map<string, Promise<PixelValues>>();
  smallPlanes.set(pyramid.image, cache);
  const key = `${level.index} ${planeKey(pyramid)} ${JSON.stringify(slice)}`;
  const cached = cache.get(key);
  if (cached !== undefined) return cached;
  // Shared by all callers, so the signal of the first one must not abort it.
  const reading = readPixels(pyramid, tile, slice);
  cache.set(key, reading);
  reading.catch(() => cache.delete(key));
  for (const oldest of cache.keys()) {
    if (cache.size <= MAX_SMALL_PLANES) break;
    cache.delete(oldest);
  }
  return reading;
}

/** Tells the planes of one image apart: the axes that are drawn, and what is projected. */
export function planeKey({ roles, projection }: Pyramid): string {
  const { method = "", range = [] } = projection ?? {};
  return `${roles.x},${roles.y},${method},${range.join()}`;
}

async function readPixels(
  { first, roles, projection }: Pyramid,
  tile: Tile,
  slice: Slice,
  options?: ReadOptions,
): Promise<PixelValues> {
  const { level } = tile.level;
  const selection: Record<string, number | readonly [number, number]> = {};
  for (const [at, { name }] of level.axes.entries()) {
    if (at === roles.x) selection[name] = tile.x;
    else if (at === roles.y) selection[name] = tile.y;
    else selection[name] = positionIn(level, first, at, slice[name] ?? 0);
  }
  if (projection !== undefined) {
    const { projectPixels } = await import("./project-tile.js");
    return projectPixels(level, first, { selection, projection, roles }, options);
  }
  const { data, shape, stride } = await level.read(selection, options);
  const isTransposed = roles.x < roles.y;
  const pixels = isTransposed
    ? { data, shape: [...shape].reverse(), stride: [...stride].reverse() }
    : { data, shape, stride };
  return toPixelBlock(pixels).data;
}

/** A position on the largest level, converted to a level that may be smaller along this axis too. */
function positionIn(level: OpenLevel, first: OpenLevel, axis: number, position: number): number {
  const size = level.shape[axis] ?? 1;
  const name = level.axes[axis]?.name;
  const whole = first.shape[first.axes.findIndex((one) => one.name === name)] ?? size;
  const own = size === whole ? position : Math.floor((position * size) / whole);
  return Math.max(0, Math.min(size - 1, own));
}

/** Pixels of a type that WebGL has textures for, and Viv's name of the type. */
export interface DrawnPixels {
  readonly data: PixelBlock["data"];
  readonly dtype: "Uint8" | "Int8" | "Uint16" | "Int16" | "Uint32" | "Int32" | "Float32";
}

/** Converts types that WebGL has no textures for (64-bit numbers) to float32, which keeps 24 bits of precision. */
export function toDrawn(data: PixelValues): DrawnPixels {
  if (data instanceof Uint8Array) return { data, dtype: "Uint8" };
  if (data instanceof Int8Array) return { data, dtype: "Int8" };
  if (data instanceof Uint16Array) return { data, dtype: "Uint16" };
  if (data instanceof Int16Array) return { data, dtype: "Int16" };
  if (data instanceof Uint32Array) return { data, dtype: "Uint32" };
  if (data instanceof Int32Array) return { data, dtype: "Int32" };
  if (data instanceof Float32Array) return { data, dtype: "Float32" };
  return { data: Float32Array.from(data as ArrayLike<number | bigint>, Number), dtype: "Float32" };
}

/** A sentence about a data type that is converted for drawing; undefined for others. */
export function castNote(dtype: string): string | undefined {
  return /^(?:u?int64|float64)$/.test(dtype)
    ? `Values of type ${dtype} are drawn as float32, which keeps about 7 digits.`
    : undefined;
}
