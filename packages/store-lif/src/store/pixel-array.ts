import { type AxisName, storedCodecs, type VirtualArray } from "@ozx/virtual";
import type { LifImage } from "../images/lif-contents.js";
import type { PixelLayout } from "../images/pixel-layout.js";
import { isColour } from "../parse/elements.js";

/** How an image becomes a Zarr array. */
export interface PixelArray extends VirtualArray {
  /** `plain`: a chunk is rows of the file as they are. `decoded`: values are collected for it. */
  readonly access: "plain" | "decoded";
}

/** Bytes of a chunk that is cut from a larger plane. */
const BAND = 1024 * 1024;
/** Planes of up to so many bytes are one chunk. */
const WHOLE_PLANE = 2 * BAND;

/** The array of an image. */
export function pixelArray({ layout, image, element }: LifImage, axes: readonly AxisName[]): PixelArray {
  const { width, height, sizes, itemSize, dataType, isInterleaved, steps } = layout;
  const chunkChannels = image.samples;
  const rowBytes = width * chunkChannels * itemSize;
  const rows = bandRows(height, rowBytes);
  const access = isRun(layout) ? "plain" : "decoded";
  const extents = { ...sizes, y: height, x: width };
  const chunk = { t: 1, c: chunkChannels, z: 1, y: rows, x: width };
  const reason =
    isInterleaved && isColour(element.channels) && steps.y === rowBytes
      ? "blue before green and red"
      : isInterleaved || steps.x === itemSize
        ? "padded rows"
        : "values that lie apart";
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
    columns: width,
    chunkBytes: rows * rowBytes,
    encoding: access === "plain" ? undefined : `not compressed, ${reason}, decoded when read`,
    access,
  };
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
