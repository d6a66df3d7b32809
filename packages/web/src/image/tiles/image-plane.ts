import type { Axis, OpenImage, OpenLevel } from "@ozx/core";
import { isChannelAxis } from "@ozx/core/internal";
import { largestLevel, readableLevels } from "../model/largest-level.js";

/**
 * The levels of an image, placed on one plane. Its unit is a pixel of the largest level along x; y is stretched where
 * pixels are not square. Levels may have any size: Viv's own multiscale layer assumes that each one is exactly half of
 * the previous one and would misplace others, so tiles are placed here.
 */
export interface Pyramid {
  readonly image: OpenImage;
  /** The largest level of the image, or of the one that a label image belongs to: positions of slices are on it. */
  readonly first: OpenLevel;
  readonly roles: AxisRoles;
  /** From the largest to the smallest. */
  readonly levels: readonly [PlacedLevel, ...PlacedLevel[]];
  /** Extents of the plane, in its units. */
  readonly width: number;
  readonly height: number;
  /** The axes that are drawn, where it is another plane than that of `y` and `x`. */
  readonly drawn?: DrawnAxes | undefined;
  /** Where the planes of a range become the one that is drawn. */
  readonly projection?: Projection | undefined;
}

/** The planes of a range of an axis as one: their largest values, or their means. */
export interface Projection {
  readonly axis: string;
  readonly method: "max" | "mean";
  /** Positions on the largest level, the end exclusive. */
  readonly range: readonly [number, number];
}

/** The names of the axes that are drawn to the right and downwards. */
export interface DrawnAxes {
  readonly x: string;
  readonly y: string;
}

/** A level and its position on the plane. */
export interface PlacedLevel {
  readonly index: number;
  readonly level: OpenLevel;
  /** Extents in pixels of the level. */
  readonly width: number;
  readonly height: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** Size of a pixel, in units of the plane. */
  readonly stepX: number;
  readonly stepY: number;
  /** The outer corner of the first pixel. */
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

/** A rectangle of pixels of one level that is read and drawn as a whole. */
export interface Tile {
  readonly level: PlacedLevel;
  readonly row: number;
  readonly column: number;
  /** Ranges of pixels of the level, ends exclusive. */
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  /** Its position on the plane. */
  readonly bounds: Rectangle;
}

/**
 * Places the levels of an image.
 *
 * @param base the image that a label image belongs to: its plane is used
 * @param drawn the axes to draw, for another plane than that of `y` and `x`
 * @throws RangeError for images without these axes
 */
export function placeImage(image: OpenImage, base?: Pyramid, drawn?: DrawnAxes): Pyramid {
  const roles = axisRoles(image.axes, drawn);
  const reference = base ?? { image, roles };
  const first = largestLevel(reference.image);
  const size = base ?? sizeOf(first, roles);
  const stretch =
    base === undefined ? aspectOf(first, roles) : base.height / (first.shape[base.roles.y] ?? 1);
  const place = (level: OpenLevel, index: number): PlacedLevel => {
    const placeAlong = (axis: "x" | "y"): PlacedAxis =>
      placeAxis(
        axisOf(level, roles[axis]),
        axisOf(first, reference.roles[axis]),
        // A label image may cover a part of its image only.
        { mayBePart: base !== undefined },
      );
    const [x, y] = [placeAlong("x"), placeAlong("y")];
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
  const [largest, ...smaller] = readableLevels(image);
  if (largest === undefined) return placeImage({ ...image, levels: [largestLevel(image)] }, base, drawn);
  const levels: Pyramid["levels"] = [place(largest, 0), ...smaller.map((level, i) => place(level, i + 1))];
  return { image, first, roles, levels, width: size.width, height: size.height, drawn };
}

function sizeOf(level: OpenLevel, roles: AxisRoles): { width: number; height: number } {
  return { width: level.shape[roles.x] ?? 1, height: (level.shape[roles.y] ?? 1) * aspectOf(level, roles) };
}

/** Height of a pixel relative to its width; 1 where the units differ or the ratio is implausible. */
function aspectOf({ scale, axes }: OpenLevel, { x, y }: AxisRoles): number {
  const aspect = (scale[y] ?? 1) / (scale[x] ?? 1);
  return axes[x]?.unit === axes[y]?.unit && aspect > 0.01 && aspect < 100 ? aspect : 1;
}

interface LevelAxis {
  readonly size: number;
  readonly scale: number;
  readonly translation: number;
}

function axisOf({ shape, scale, translation }: OpenLevel, axis: number): LevelAxis {
  return { size: shape[axis] ?? 1, scale: scale[axis] ?? 1, translation: translation[axis] ?? 0 };
}

/** Pixel size and start of an axis, in pixels of the largest level. */
interface PlacedAxis {
  readonly step: number;
  readonly start: number;
}

/**
 * Places an axis of a level along the same axis of the largest level, `first`. The scale is used only where it agrees
 * with the sizes, so that a level with wrong metadata is still placed correctly.
 */
function placeAxis(axis: LevelAxis, first: LevelAxis, { mayBePart }: { mayBePart: boolean }): PlacedAxis {
  const step = axis.scale / first.scale;
  const shift = (axis.translation - first.translation) / first.scale;
  const fits = step > 0 && Math.abs(step * axis.size - first.size) <= Math.max(step, 1) * 1.001;
  if (!fits && !(mayBePart && step > 0 && shift !== 0)) return { step: first.size / axis.size, start: 0 };
  // Most writers omit the shift of half a pixel that the centres of larger pixels have.
  return { step, start: shift === 0 ? 0 : shift + 0.5 - 0.5 * step };
}

/** The extent of a tile: whole chunks, large enough for few requests and small enough for a texture. */
function tileExtent(chunk = 256): number {
  return chunk >= 256 ? Math.min(chunk, 4096) : chunk * Math.ceil(256 / chunk);
}

/** The level with the lowest resolution. */
export function smallestLevel({ levels }: Pyramid): PlacedLevel {
  const stepOf = reducedStep(levels);
  return levels.reduce((a, b) => (stepOf(b) > stepOf(a) ? b : a));
}

/** The most pixels of a small plane, which is kept in memory once it is read. */
export const SMALL_PLANE = 512 * 512;

/**
 * The level that stands for the whole image, in its contrast windows, its overview and below what is still read: the
 * largest small one, which a stage often draws anyway, or else the smallest.
 */
export function previewLevel(pyramid: Pyramid): PlacedLevel {
  const stepOf = reducedStep(pyramid.levels);
  const small = pyramid.levels.filter(({ width, height }) => width * height <= SMALL_PLANE);
  return small.length === 0
    ? smallestLevel(pyramid)
    : small.reduce((a, b) => (stepOf(b) < stepOf(a) ? b : a));
}

/**
 * The level to draw: the smallest one whose pixels are not much larger than those of the screen.
 *
 * @param scale pixels of the screen per unit of the plane
 */
export function levelFor({ levels }: Pyramid, scale: number): PlacedLevel {
  const stepOf = reducedStep(levels);
  let best = levels[0];
  for (const level of levels) {
    if (stepOf(level) * scale <= Math.SQRT2 && stepOf(level) > stepOf(best)) best = level;
  }
  return best;
}

/** The size of a pixel along the axis that the levels reduce: not along z, which most pyramids leave as it is. */
function reducedStep(levels: Pyramid["levels"]): (level: PlacedLevel) => number {
  const isReduced = levels.some(({ stepX }) => stepX > levels[0].stepX);
  return isReduced ? ({ stepX }) => stepX : ({ stepY }) => stepY;
}

/** The tiles of a level that overlap a part of the plane, those nearest to its middle first. */
export function tilesIn(level: PlacedLevel, view: Rectangle): Tile[] {
  const { stepX, stepY, left, top, width, height, tileWidth, tileHeight } = level;
  const columns = span((view.left - left) / stepX, (view.right - left) / stepX, width, tileWidth);
  const rows = span((view.top - top) / stepY, (view.bottom - top) / stepY, height, tileHeight);
  const tiles = rows.flatMap((row) => columns.map((column) => tileAt(level, row, column)));
  const [middleX, middleY] = [(view.left + view.right) / 2, (view.top + view.bottom) / 2];
  const distance = ({ bounds }: Tile): number =>
    ((bounds.left + bounds.right) / 2 - middleX) ** 2 + ((bounds.top + bounds.bottom) / 2 - middleY) ** 2;
  return tiles.sort((a, b) => distance(a) - distance(b));
}

/** Indices of the tiles of an axis between two pixels. */
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
  const bounds = {
    left: left + x[0] * stepX,
    right: left + x[1] * stepX,
    top: top + y[0] * stepY,
    bottom: top + y[1] * stepY,
  };
  return { level, row, column, x, y, bounds };
}

/** What each axis of an image is used for on the screen. */
interface AxisRoles {
  /** Indices of the two drawn axes. */
  readonly y: number;
  readonly x: number;
  /** Undefined for images without channels. */
  readonly channel: number | undefined;
  /** Indices of all other axes. Each one with more than one position has a slider. */
  readonly others: readonly number[];
}

/**
 * Finds the axes to draw (`y` and `x`, or else the last two) and the channel axis.
 *
 * @param drawn the names of other axes to draw
 * @throws RangeError for images with fewer than two axes, or without those to draw
 */
export function axisRoles(axes: readonly Axis[], drawn?: DrawnAxes): AxisRoles {
  if (axes.length < 2)
    throw new RangeError("The image has fewer than two axes, so there is no plane to show");
  const named = (name: string): number =>
    axes.findIndex((axis) => axis.name.toLowerCase() === name.toLowerCase());
  let [y, x] = [named(drawn?.y ?? "y"), named(drawn?.x ?? "x")];
  if (drawn !== undefined && (y < 0 || x < 0)) {
    throw new RangeError(`The image has no plane of the axes ${drawn.x} and ${drawn.y}`);
  }
  if (y < 0 || x < 0) [y, x] = [axes.length - 2, axes.length - 1];
  const channel = axes.findIndex((axis, at) => at !== y && at !== x && isChannelAxis(axis));
  const others = axes.map((_, at) => at).filter((at) => at !== y && at !== x && at !== channel);
  return { y, x, channel: channel < 0 ? undefined : channel, others };
}

/** The index of the axis of the depth: one named z that is not drawn. Undefined where there is none. */
export function depthAxis({ image, roles }: Pyramid): number | undefined {
  return roles.others.find((at) => image.axes[at]?.name.toLowerCase() === "z");
}
