import {
  autoWindow,
  compositeChannels,
  type OpenImage,
  type OpenLevel,
  type OpenNode,
  type ReadOptions,
  UnsupportedError,
} from "@ozx/core";
import { type DisplayedChannel, displayedChannels, downsample, type PixelBlock } from "@ozx/core/internal";
import type { Picture } from "./encode-png.js";

/** The longer side of a thumbnail, in pixels, unless another one is asked for. */
export const THUMBNAIL_SIZE = 256;

/** Pixels of a plane that is read for a thumbnail. An image with a pyramid has a level with far fewer. */
const MOST_PIXELS = 4096 * 4096;

/**
 * Draws the plane that an image shows first, with the channels, colours and contrast of its metadata: of a plate, the
 * first field. It is read from the smallest level that is large enough.
 *
 * @param size the longer side of the picture at most, in pixels; a smaller image is not enlarged
 * @throws UnsupportedError where there is no image, no plane, or no level that is small enough to be read
 */
export async function drawThumbnail(node: OpenNode, size: number, options: ReadOptions): Promise<Picture> {
  const { name: location } = node.store;
  const [image] = node.images;
  const where = { location, feature: "thumbnail" };
  if (image === undefined) throw new UnsupportedError(`${location} has no image to draw`, where);
  const level = smallestOf(image, size);
  const at = planeOf(image, level);
  if (at === undefined) {
    throw new UnsupportedError(`${location} cannot be drawn: its image has no axes y and x`, where);
  }
  const extent = (name: string): number => level.shape[axisOf(level, name)] ?? 1;
  const [height, width] = [extent("y"), extent("x")];
  if (height * width > MOST_PIXELS) {
    throw new UnsupportedError(
      `${location} cannot be drawn: its smallest level has ${width} × ${height} pixels; add smaller ones with "ozx convert ${location} levels.ozx --pyramid"`,
      where,
    );
  }
  const factor = Math.max(1, Math.ceil(Math.max(height, width) / size));
  const isLabels = node.kind === "label-image";
  const channels: Parameters<typeof compositeChannels>[0][number][] = [];
  let shape: readonly number[] = [height, width];
  for (const { index, color, window } of shownChannels(image, level)) {
    const selection = axisOf(level, "c") < 0 ? at : { ...at, c: index };
    const pixels = await level.read(selection, options);
    const block = { data: pixels.data, shape: pixels.shape } as PixelBlock;
    const small = downsample(block, [factor, factor], isLabels ? "nearest" : "mean");
    shape = small.shape;
    channels.push({ values: small.data, window: window ?? autoWindow(small.data), color });
  }
  return { data: compositeChannels(channels), height: shape[0] ?? 0, width: shape[1] ?? 0 };
}

function axisOf({ axes }: OpenLevel, name: string): number {
  return axes.findIndex((axis) => axis.name === name);
}

/** The smallest level that is no smaller than the picture, or else the largest. */
function smallestOf(image: OpenImage, size: number): OpenLevel {
  const readable = image.levels.filter(({ model }) => model.array !== undefined);
  const isEnough = (level: OpenLevel): boolean =>
    Math.max(level.shape[axisOf(level, "y")] ?? 0, level.shape[axisOf(level, "x")] ?? 0) >= size;
  return readable.findLast(isEnough) ?? image.level(0);
}

/** The indices of the plane that is shown first; undefined where there is none. */
function planeOf(image: OpenImage, level: OpenLevel): Record<string, number> | undefined {
  if (axisOf(level, "y") < 0 || axisOf(level, "x") < 0 || axisOf(level, "y") > axisOf(level, "x"))
    return undefined;
  const { defaults } = image.model;
  const first = image.level(0);
  const at: Record<string, number> = {};
  for (const [axis, { name }] of level.axes.entries()) {
    if (name === "y" || name === "x" || name === "c") continue;
    const [extent, whole] = [level.shape[axis] ?? 1, first.shape[axis] ?? 1];
    const start = name === "z" ? (defaults.z ?? Math.floor(whole / 2)) : name === "t" ? (defaults.t ?? 0) : 0;
    // A level may have fewer planes than the image.
    at[name] = Math.min(Math.floor((start * extent) / whole), extent - 1);
  }
  return at;
}

/** More would not be told apart. */
const MOST_CHANNELS = 7;

function shownChannels(image: OpenImage, level: OpenLevel): DisplayedChannel[] {
  const { model } = image.model.defaults;
  const count = level.shape[axisOf(level, "c")] ?? 1;
  const all = displayedChannels({ channels: image.channels, count, dtype: level.dtype, model });
  const active = all.filter((channel) => channel.active);
  if (active.length === 0) return all.slice(0, model === "greyscale" ? 1 : MOST_CHANNELS);
  return active.slice(0, MOST_CHANNELS);
}
