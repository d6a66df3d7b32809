import type { Axis, OpenImage, OpenLevel } from "@ozx/core";

/**
 * Where the levels of an image lie on one plane. Its unit is a pixel of the largest level along x; y is stretched
 * where pixels are not square. Levels may be of any size: Viv's own multiscale layer takes each to be exactly half
 * of the one before and would draw others at the wrong place, so tiles are placed here.
 */
export interface Pyramid {
  readonly image: OpenImage;
  readonly roles: AxisRoles;
  /** From the largest to the smallest. */
  readonly levels: readonly [PlacedLevel, ...PlacedLevel[]];
  readonly width: number;
  readonly height: number;
}

export interface PlacedLevel {
  readonly index: number;
  readonly level: OpenLevel;
  /** In its own pixels. */
  readonly width: number;
  readonly height: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** Units of the plane a pixel. */
  readonly stepX: number;
  readonly stepY: number;
  /** Where the outer corner of its first pixel is. */
  readonly left: number;
  readonly top: number;
}

/** A part of the plane. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Tile {
  readonly level: PlacedLevel;
  readonly row: number;
  readonly column: number;
  /** Pixels of its level, the ends not included. */
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly bounds: Rectangle;
}

/** Places an image's levels; `base` is the image that they shall lie upon, as that of label images. */
export function placeImage(image: OpenImage, base?: Pyramid): Pyramid {
  const roles = axisRoles(image.axes);
  const reference = base ?? { image, roles };
  const first = reference.image.level(0);
  const size = base ?? sizeOf(first, roles);
  const place = (level: OpenLevel, index: number): PlacedLevel => {
    const x = placeAxis(level, roles.x, first, reference.roles.x, base !== undefined);
    const y = placeAxis(level, roles.y, first, reference.roles.y, base !== undefined);
    const stretch =
      base === undefined ? aspectOf(first, roles) : base.height / (first.shape[base.roles.y] ?? 1);
    return {
      index,
      level,
      width: level.shape[roles.x] ?? 1,
      height: level.shape[roles.y] ?? 1,
      tileWidth: tileExtent(level.chunks[roles.x]),
      tileHeight: tileExtent(level.chunks[roles.y]),
      stepX: x.step,
      stepY: y.step * stretch,
      left: x.start,
      top: y.start * stretch,
    };
  };
  const [largest, ...smaller] = image.levels;
  if (largest === undefined) return placeImage({ ...image, levels: [image.level(0)] }, base);
  const levels: Pyramid["levels"] = [place(largest, 0), ...smaller.map((level, at) => place(level, at + 1))];
  return { image, roles, levels, width: size.width, height: size.height };
}

function sizeOf(level: OpenLevel, roles: AxisRoles): { width: number; height: number } {
  return { width: level.shape[roles.x] ?? 1, height: (level.shape[roles.y] ?? 1) * aspectOf(level, roles) };
}

/** How much taller than wide a pixel is; 1 where the units differ or the numbers make no sense. */
function aspectOf({ scale, axes }: OpenLevel, { x, y }: AxisRoles): number {
  const aspect = (scale[y] ?? 1) / (scale[x] ?? 1);
  return axes[x]?.unit === axes[y]?.unit && aspect > 0.01 && aspect < 100 ? aspect : 1;
}

/**
 * Where an axis of a level starts, and how large its pixels are, in pixels of the largest level. The scale counts as
 * far as it agrees with the sizes, so that a level whose metadata is wrong lies where it must.
 */
function placeAxis(
  level: OpenLevel,
  axis: number,
  first: OpenLevel,
  firstAxis: number,
  mayBePart: boolean,
): { step: number; start: number } {
  const size = level.shape[axis] ?? 1;
  const whole = first.shape[firstAxis] ?? 1;
  const unit = first.scale[firstAxis] ?? 1;
  const step = (level.scale[axis] ?? 1) / unit;
  const shift = ((level.translation[axis] ?? 0) - (first.translation[firstAxis] ?? 0)) / unit;
  const fits = step > 0 && Math.abs(step * size - whole) <= Math.max(step, 1) * 1.001;
  if (!fits && !(mayBePart && step > 0 && shift !== 0)) return { step: whole / size, start: 0 };
  // Most writers leave out the half pixels by which the centres of larger pixels are shifted.
  return { step, start: shift === 0 ? 0 : shift + 0.5 - 0.5 * step };
}

/** Whole chunks, of a size that is neither many requests nor a texture too large. */
function tileExtent(chunk = 256): number {
  return chunk >= 256 ? Math.min(chunk, 4096) : chunk * Math.ceil(256 / chunk);
}

/**
 * The level to draw: the smallest one whose pixels are not much larger than those of the screen.
 *
 * @param scale pixels of the screen a unit of the plane
 */
export function levelFor({ levels }: Pyramid, scale: number): PlacedLevel {
  let best = levels[0];
  for (const level of levels) if (level.stepX * scale <= Math.SQRT2 && level.stepX > best.stepX) best = level;
  return best;
}

/** The tiles of a level that a part of the plane touches, from its middle outwards. */
export function tilesIn(level: PlacedLevel, view: Rectangle): Tile[] {
  const { stepX, stepY, left, top, width, height, tileWidth, tileHeight } = level;
  const columns = span((view.left - left) / stepX, (view.right - left) / stepX, width, tileWidth);
  const rows = span((view.top - top) / stepY, (view.bottom - top) / stepY, height, tileHeight);
  const tiles = rows.flatMap((row) => columns.map((column) => tileAt(level, row, column)));
  const [middleX, middleY] = [(view.left + view.right) / 2, (view.top + view.bottom) / 2];
  const distance = ({ bounds: place }: Tile): number =>
    ((place.left + place.right) / 2 - middleX) ** 2 + ((place.top + place.bottom) / 2 - middleY) ** 2;
  return tiles.sort((a, b) => distance(a) - distance(b));
}

function span(from: number, to: number, size: number, tile: number): number[] {
  if (from >= size || to < 0) return [];
  const first = Math.max(0, Math.floor(from / tile));
  const last = Math.min(Math.ceil(size / tile) - 1, Math.floor(to / tile));
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}

function tileAt(level: PlacedLevel, row: number, column: number): Tile {
  const { stepX, stepY, left, top, width, height, tileWidth, tileHeight } = level;
  const x = [column * tileWidth, Math.min(width, (column + 1) * tileWidth)] as const;
  const y = [row * tileHeight, Math.min(height, (row + 1) * tileHeight)] as const;
  const place = {
    left: left + x[0] * stepX,
    right: left + x[1] * stepX,
    top: top + y[0] * stepY,
    bottom: top + y[1] * stepY,
  };
  return { level, row, column, x, y, bounds: place };
}

/** What each axis of an image is for on the screen. */
export interface AxisRoles {
  /** Positions of the two axes that are drawn, in the order of the array. */
  readonly y: number;
  readonly x: number;
  /** Undefined for images without channels. */
  readonly channel: number | undefined;
  /** All others, which get a slider each where they have more than one position. */
  readonly others: readonly number[];
}

/**
 * Finds the axes that are drawn, by their names or otherwise the last two, and the one of the channels.
 *
 * @throws RangeError for images of less than two axes, which have no plane
 */
export function axisRoles(axes: readonly Axis[]): AxisRoles {
  if (axes.length < 2) throw new RangeError("An image of less than two axes has no plane to show");
  const named = (name: string): number => axes.findIndex((axis) => axis.name.toLowerCase() === name);
  let [y, x] = [named("y"), named("x")];
  if (y < 0 || x < 0) [y, x] = [axes.length - 2, axes.length - 1];
  const channel = axes.findIndex(
    (axis, at) => at !== y && at !== x && (axis.type === "channel" || axis.name.toLowerCase() === "c"),
  );
  const others = axes.map((_, at) => at).filter((at) => at !== y && at !== x && at !== channel);
  return { y, x, channel: channel < 0 ? undefined : channel, others };
}
