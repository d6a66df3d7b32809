import { type LabelImage, parseColor } from "@ozx/core";
import type { ViewSettings } from "../model/view-settings.js";
import { type Pyramid, placeImage } from "../tiles/image-plane.js";
import type { Slice } from "../tiles/read-tile.js";

/** How a channel of a layer is shown; plain numbers, as uniforms take them. */
export interface ShownChannel {
  readonly window: { readonly start: number; readonly end: number };
  /** Each 0 to 255. */
  readonly rgb: readonly [number, number, number];
  readonly gamma: number;
}

/** What the stage shows: one image with some of its channels, and label images over it. */
export interface Scene {
  readonly pyramid: Pyramid;
  readonly slice: Slice;
  /** Those that are on, ten at most. */
  readonly channels: readonly (ShownChannel & { readonly index: number })[];
  readonly labels: LabelScene | undefined;
}

export interface LabelScene {
  readonly pyramid: Pyramid;
  readonly model: Pick<LabelImage, "colors">;
  readonly opacity: number;
}

/** What is in the middle of the stage, in units of the plane, and how many pixels of the screen a unit has. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  /** Pixels of CSS a unit, as a power of two. */
  readonly zoom: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The largest part of a level that is loaded to fill the stage: some 16 million pixels a channel. */
const MOST_PIXELS = 4096 * 4096;

/** The camera that shows all of the image, or as much of its middle as it is sensible to load. */
export function fittingCamera(pyramid: Pyramid, { width, height }: Size): Camera {
  const scale = Math.min(width / pyramid.width, height / pyramid.height) * 0.96;
  return {
    x: pyramid.width / 2,
    y: pyramid.height / 2,
    zoom: Math.max(Math.log2(scale), smallestZoom(pyramid, { width, height })),
  };
}

/** How far out the camera may go: to half of what fits, and no further than can be loaded. */
export function smallestZoom(pyramid: Pyramid, { width, height }: Size): number {
  const fit = Math.min(width / pyramid.width, height / pyramid.height);
  const coarsest = pyramid.levels.reduce((a, b) => (b.stepX > a.stepX ? b : a));
  const canLoadAll = coarsest.width * coarsest.height <= MOST_PIXELS;
  const area = (width * height) / (coarsest.stepX * coarsest.stepY);
  return canLoadAll ? Math.log2(fit) - 1 : Math.log2(Math.sqrt(area / MOST_PIXELS));
}

/** The part of the plane that the stage shows. */
export function viewOf({ x, y, zoom }: Camera, { width, height }: Size) {
  const [halfWidth, halfHeight] = [width / 2 / 2 ** zoom, height / 2 / 2 ** zoom];
  return { left: x - halfWidth, right: x + halfWidth, top: y - halfHeight, bottom: y + halfHeight };
}

/** What the stage draws of an image as it is set. Channels whose window is not known yet are left out. */
export function sceneOf(pyramid: Pyramid, { slice, channels, label }: ViewSettings): Scene {
  return {
    pyramid,
    slice,
    channels: channels.flatMap(({ on, index, window, color, gamma }) =>
      on && window !== undefined ? [{ index, window, gamma, rgb: parseColor(color) }] : [],
    ),
    labels: labelScene(pyramid, label),
  };
}

function labelScene(pyramid: Pyramid, { index, opacity }: ViewSettings["label"]): Scene["labels"] {
  const image = index === undefined ? undefined : pyramid.image.labels[index];
  if (image === undefined) return undefined;
  const { model } = image;
  return {
    pyramid: placedOver(image, pyramid),
    model: { colors: model.kind === "label-image" ? model.colors : [] },
    opacity,
  };
}

const placedLabels = new WeakMap<object, Pyramid>();

function placedOver(image: Pyramid["image"], base: Pyramid): Pyramid {
  const pyramid = placedLabels.get(image) ?? placeImage(image, base);
  placedLabels.set(image, pyramid);
  return pyramid;
}
