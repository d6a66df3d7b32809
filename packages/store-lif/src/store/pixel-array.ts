import { type AxisName, storedCodecs, type VirtualArray } from "@ozx/virtual";
import type { LifImage } from "../images/lif-contents.js";
import type { PixelLayout } from "../images/pixel-layout.js";
import { isColour } from "../parse/elements.js";

/** How an image becomes a Zarr array. */
export interface PixelArray extends VirtualArray {
  readonly width: number;
  readonly height: number;
  /** `plain`: a chunk is rows of the file as they are. `decoded`: values are collected for it. */
  readonly access: "plain" | "decoded";
  /** Bytes that its pixels have in the file. */
  readonly storedBytes: number;
}

/** Bytes of a chunk that is cut from a larger plane. */
const BAND = 1024 * 1024;
/** Planes of up to so many bytes are one chunk. */
const WHOLE_PLANE = 2 * BAND;
/** The sides of chunks of a mosaic, at most: in pixels, and in tiles, which are looked at one by one. */
const MOST_PIXELS = 1024;
const MOST_TILES = 8;
/** Bytes of a chunk that is composed, unless they are those of one row. */
const MOST_COMPOSED = 16 * BAND;
/** The least bytes of a chunk that is a part of a tile. */
const SMALLEST_BAND = BAND / 8;
/** How many times as many parts a tile may be cut into, so that all are equal. */
const MOST_BANDS = 8;

/**
 * The array of an image.
 *
 * @param decodedFrom the bytes of the pictures that its pixels are decoded from, if they are
 */
export function pixelArray(
  { layout, image, element, tiles }: LifImage,
  axes: readonly AxisName[],
  decodedFrom?: number,
): PixelArray {
  const { sizes, itemSize, dataType } = layout;
  const [level] = image.levels;
  const { width, height } = level ?? layout;
  const form = chunkForm({ layout, image, element, tiles }, { width, height });
  const { rows, columns } = form;
  const access = decodedFrom === undefined ? form.access : "decoded";
  const extents = { ...sizes, y: height, x: width };
  const chunkChannels = image.samples;
  const chunk = { t: 1, c: chunkChannels, z: 1, y: rows, x: columns };
  return {
    axes,
    shape: axes.map((axis) => extents[axis]),
    chunkShape: axes.map((axis) => chunk[axis]),
    dataType,
    // What is collected is put together channel by channel.
    codecs: storedCodecs(axes, {
      chunkChannels: access === "plain" ? chunkChannels : 1,
      itemSize,
      bigEndian: false,
    }),
    sizes: image.sizes,
    samples: image.samples,
    chunkChannels,
    rows,
    columns,
    chunkBytes: rows * columns * chunkChannels * itemSize,
    encoding:
      access === "plain"
        ? undefined
        : decodedFrom === undefined
          ? `not compressed, ${reasonOf({ layout, element, tiles })}, decoded when read`
          : "in pictures, decoded when read",
    width,
    height,
    access,
    storedBytes:
      decodedFrom ?? tiles.length * layout.width * layout.height * sizes.t * sizes.c * sizes.z * itemSize,
  };
}

/** Why values are collected. */
function reasonOf({ layout, element, tiles }: Pick<LifImage, "layout" | "element" | "tiles">): string {
  const { isInterleaved, steps, itemSize, width } = layout;
  if (tiles.length > 1) return `composed of ${tiles.length} tiles`;
  if (!isInterleaved && steps.x !== itemSize) return "values that lie apart";
  const isPicture = isInterleaved && isColour(element.channels);
  return isPicture && steps.y === width * 3 * itemSize ? "blue before green and red" : "padded rows";
}

/** The sides of chunks, and whether they are in the file as they are. */
function chunkForm(
  { layout, image, tiles }: LifImage,
  { width, height }: { readonly width: number; readonly height: number },
): Pick<PixelArray, "rows" | "columns" | "access"> {
  const pixelBytes = image.samples * layout.itemSize;
  const rows = bandRows(layout.height, layout.width * pixelBytes);
  const access = isRun(layout) ? "plain" : "decoded";
  if (tiles.length === 1) return { rows, columns: width, access };
  const part = evenPart(layout.height, rows);
  const isGrid = tiles.every(({ x, y }) => x % layout.width === 0 && y % layout.height === 0);
  if (
    isGrid &&
    access === "plain" &&
    part * layout.width * pixelBytes >= Math.min(SMALLEST_BAND, layout.height * layout.width * pixelBytes)
  ) {
    return { rows: part, columns: layout.width, access };
  }
  const columns = Math.min(width, MOST_PIXELS, MOST_TILES * layout.width);
  const most = Math.max(1, Math.floor(MOST_COMPOSED / (columns * pixelBytes)));
  return {
    rows: Math.min(height, MOST_PIXELS, MOST_TILES * layout.height, most),
    columns,
    access: "decoded",
  };
}

/** The largest divisor of a height that is not larger than these rows. */
function evenPart(height: number, rows: number): number {
  const bands = Math.ceil(height / rows);
  for (let count = bands; count <= MOST_BANDS * bands; count++) {
    if (height % count === 0) return height / count;
  }
  return 1;
}

/** Whether rows follow one another without gaps, and their values are in the order of the array. */
function isRun({ width, height, steps, channels, itemSize, isInterleaved }: PixelLayout): boolean {
  const perPixel = isInterleaved ? channels.length : 1;
  const rowBytes = width * perPixel * itemSize;
  const areInOrder = !isInterleaved || channels.every((offset, k) => offset === k * itemSize);
  return (
    areInOrder && (width === 1 || steps.x === perPixel * itemSize) && (height === 1 || steps.y === rowBytes)
  );
}

/** Rows of a chunk: all of a small plane, and a part of even size of a large one. */
function bandRows(height: number, rowBytes: number): number {
  if (height * rowBytes <= WHOLE_PLANE) return height;
  const bands = Math.min(height, Math.max(1, Math.round((height * rowBytes) / BAND)));
  return Math.ceil(height / bands);
}
