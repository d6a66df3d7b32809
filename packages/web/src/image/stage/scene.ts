import type { LabelImage } from "@ozx/core";
import { parseColor } from "@ozx/core/internal";
import { colorRamp, type Rgb } from "../model/color-ramps.js";
import type { LabelSetting, ViewSettings } from "../model/view-settings.js";
import { type Pyramid, placeImage, smallestLevel } from "../tiles/image-plane.js";
import type { Slice } from "../tiles/read-tile.js";

/** How a channel is shown, in numbers for the shader's uniforms. */
export interface ShownChannel {
  readonly window: { readonly start: number; readonly end: number };
  /** Each from 0 to 255. */
  readonly rgb: readonly [number, number, number];
  /** Colours in place of `rgb`, as `compositeChannels` takes them. */
  readonly ramp?: readonly Rgb[] | undefined;
  readonly gamma: number;
}

/** What the stage shows: a slice of one image with some of its channels, and label images over it. */
export interface Scene {
  readonly pyramid: Pyramid;
  readonly slice: Slice;
  /** Slices that are read ahead, since they will be shown soon. */
  readonly ahead?: readonly Slice[];
  /** The channels that are on, at most ten. */
  readonly channels: readonly (ShownChannel & { readonly index: number })[];
  /** Each is drawn over those before it. */
  readonly labels: readonly LabelScene[];
  /** The channels that are left out because their windows are still computed. */
  readonly pending: readonly number[];
}

/** A label image of a scene. */
export interface LabelScene {
  readonly pyramid: Pyramid;
  readonly model: Pick<LabelImage, "colors">;
  readonly opacity: number;
}

/** The point in the middle of the stage, in units of the plane, and the magnification. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  /** Pixels of CSS per unit of the plane, as a power of two. */
  readonly zoom: number;
}

/** The size of the stage, in pixels of CSS. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The most pixels per channel that are loaded to fill the stage. */
const MAX_PIXELS = 4096 * 4096;

/** The camera that shows the whole image, or as much of its middle as can be loaded. */
export function fittingCamera(pyramid: Pyramid, { width, height }: Size): Camera {
  const scale = Math.min(width / pyramid.width, height / pyramid.height) * 0.96;
  return {
    x: pyramid.width / 2,
    y: pyramid.height / 2,
    zoom: Math.max(Math.log2(scale), smallestZoom(pyramid, { width, height })),
  };
}

/** The smallest zoom: the image at half the size that fits, or the largest part that can be loaded. */
export function smallestZoom(pyramid: Pyramid, { width, height }: Size): number {
  const fit = Math.min(width / pyramid.width, height / pyramid.height);
  const coarsest = smallestLevel(pyramid);
  const canLoadAll = coarsest.width * coarsest.height <= MAX_PIXELS;
  const area = (width * height) / (coarsest.stepX * coarsest.stepY);
  return canLoadAll ? Math.log2(fit) - 1 : Math.log2(Math.sqrt(area / MAX_PIXELS));
}

/** A camera moved by pixels of CSS. */
export function panned({ x, y, zoom }: Camera, right: number, down: number): Camera {
  return { x: x + right / 2 ** zoom, y: y + down / 2 ** zoom, zoom };
}

/** The part of the plane that is visible. */
export function viewOf({ x, y, zoom }: Camera, { width, height }: Size) {
  const [halfWidth, halfHeight] = [width / 2 / 2 ** zoom, height / 2 / 2 ** zoom];
  return { left: x - halfWidth, right: x + halfWidth, top: y - halfHeight, bottom: y + halfHeight };
}

/** The scene for an image and its settings. Channels without a window are left out until it is computed. */
export function sceneOf(pyramid: Pyramid, { slice, channels, labels }: ViewSettings): Scene {
  return {
    pyramid,
    slice,
    channels: channels.flatMap(({ on, index, window, color, ramp, gamma }) =>
      on && window !== undefined
        ? [{ index, window, gamma, rgb: parseColor(color), ramp: colorRamp(ramp)?.colors }]
        : [],
    ),
    labels: labels.flatMap((label) => (label.on ? (labelScene(pyramid, label) ?? []) : [])),
    pending: channels.flatMap(({ on, index, window }) => (on && window === undefined ? [index] : [])),
  };
}

function labelScene(pyramid: Pyramid, { index, opacity }: LabelSetting): LabelScene | undefined {
  const image = pyramid.image.labels[index];
  if (image === undefined) return undefined;
  // The sum of many planes of labels has no meaning.
  const placed = pyramid.projection === undefined ? placedOver(image, pyramid) : undefined;
  if (placed === undefined) return undefined;
  const { model } = image;
  return {
    pyramid: placed,
    model: { colors: model.kind === "label-image" ? model.colors : [] },
    opacity,
  };
}

const placedLabels = new WeakMap<Pyramid, Map<object, Pyramid | undefined>>();

/** Labels on the plane of their image; undefined where they have no such plane. */
function placedOver(image: Pyramid["image"], base: Pyramid): Pyramid | undefined {
  const known = placedLabels.get(base) ?? new Map<object, Pyramid | undefined>();
  placedLabels.set(base, known);
  if (!known.has(image)) known.set(image, placeOver(image, base));
  return known.get(image);
}

function placeOver(image: Pyramid["image"], base: Pyramid): Pyramid | undefined {
  if (base.drawn === undefined) return placeImage(image, base);
  const names = image.axes.map(({ name }) => name);
  const hasPlane = names.includes(base.drawn.x) && names.includes(base.drawn.y);
  const placed = hasPlane ? placeImage(image, base, base.drawn) : undefined;
  return placed && coversAll(placed) ? placed : undefined;
}

function coversAll({ levels: [{ width, height, stepX, stepY, left, top }], ...plane }: Pyramid): boolean {
  const [right, bottom] = [left + width * stepX, top + height * stepY];
  return left <= stepX && top <= stepY && right >= plane.width - stepX && bottom >= plane.height - stepY;
}
