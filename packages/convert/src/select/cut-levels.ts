import {
  type ArrayNode,
  type Image,
  InvalidMetadataError,
  type LabelImage,
  type Level,
  type Multiscale,
  UnsupportedError,
  UsageError,
} from "@ozx/core";
import { checkDecodable, isChannelAxis, pixelsOfType } from "@ozx/core/internal";
import { isSameGrid, type Recut, recutOf } from "../recut/recut-array.js";
import { createRescale, type Rescale } from "../recut/rescale-pixels.js";
import {
  type ArrayWindow,
  type FittedRange,
  fitRange,
  formatSpan,
  isOnChunks,
  type LevelAxis,
  rangeInLevel,
  spanOf,
  type TransferSelection,
} from "./fit-ranges.js";

/** The image to cut, and the image in whose pixels ranges are given: itself, or for a label image the image it belongs to. */
export interface CutContext {
  readonly location: string;
  readonly image: Image | LabelImage;
  readonly owner: Image | LabelImage;
}

/** What becomes of the levels of one multiscale. */
export interface CutLevels {
  /** How many of the first levels are kept; those below have no whole pixels at the borders, or are of other values. */
  readonly kept: number;
  /** Their arrays whose chunks are copied; none if all are copied whole. */
  readonly windows: readonly ArrayWindow[];
  /** Their arrays whose chunks are made. */
  readonly recuts: readonly Recut[];
  /** The first pixel of each kept level; none if all begin where they did. */
  readonly starts: readonly (readonly number[])[];
  /** How many pixels of each kept level have become one along each axis; undefined where none have. */
  readonly factors: readonly number[] | undefined;
  /** The range of each axis that is cut, in pixels of the owner's first level. */
  readonly ranges: ReadonlyMap<string, FittedRange>;
}

/**
 * Cuts ranges out of the levels of one multiscale, and plans their new chunks and values.
 *
 * @param multiscale with only the selected levels
 * @throws UsageError if a range lies outside the image
 * @throws UnsupportedError, InvalidMetadataError if a level cannot be cut or decoded
 */
export function cutLevels(
  multiscale: Multiscale,
  context: CutContext,
  selection: TransferSelection,
): CutLevels {
  const { image, location, owner } = context;
  const { ranges = {}, chunks, project, rescale } = selection;
  const { axes, levels } = multiscale;
  const names = axes.map(({ name }) => name);
  const cut = names.filter((name) => ranges[name] !== undefined);
  const isUnchanged = [chunks, project, rescale].every((option) => option === undefined) && cut.length === 0;
  const whole = { kept: levels.length, windows: [], recuts: [], starts: [], factors: undefined };
  if (isUnchanged || levels.length === 0) return { ...whole, ranges: new Map() };
  if (image.version < "0.4" && (cut.length > 0 || project !== undefined)) throw tooEarly(context);
  const arrays = levels.map((level) => ({ level, node: arrayOfLevel(level, names.length, location) }));
  const axisOf = levelAxes(arrays, names, context, selection);
  const fitted = new Map<string, FittedRange>();
  for (const name of cut) {
    const first = axisOf(0, name);
    const range = ranges[name];
    // Label images that are the same along an axis have a single pixel there.
    if (range === undefined || (image !== owner && first.extent === 1 && first.reference.extent > 1))
      continue;
    const axis = axes.find((one) => one.name === name);
    const channels = axis && isChannelAxis(axis) ? first.reference.extent : undefined;
    fitted.set(name, fitRange(spanOf(range, owner, location, channels), first));
  }
  const parts: ArrayWindow[] = [];
  for (const [k, { node }] of arrays.entries()) {
    const spans = names.map((name, axis) => {
      const range = fitted.get(name);
      return range ? rangeInLevel(range, axisOf(k, name)) : { start: 0, stop: node.array.shape[axis] ?? 0 };
    });
    const found = spans.filter((span) => span !== undefined);
    if (found.length < spans.length) break;
    const shape = found.map(({ start, stop }) => stop - start);
    parts.push({ node, start: found.map(({ start }) => start), shape });
  }
  if (parts.length === 0) throw betweenPixels(names, fitted, (name) => axisOf(0, name), selection);
  const projection = projectionOf(multiscale, parts[0], context, selection);
  // What is downsampled before it is projected is not the same as after.
  const kept = projection === undefined ? parts : parts.slice(0, 1);
  const rescaling = rescalingOf(multiscale, fitted, context, selection);
  const windows: ArrayWindow[] = [];
  const recuts: Recut[] = [];
  for (const window of kept) {
    const chunkShape = chunkShapeOf(window.node, names, chunks);
    const isMade = projection !== undefined || rescaling !== undefined || chunkShape !== undefined;
    if (!isMade && isOnChunks(window)) {
      windows.push(window);
      continue;
    }
    const { node, start, shape: extent } = window;
    checkPixels(node, location);
    recuts.push(
      recutOf({ node, start, extent, chunkShape, project: projection, rescale: rescaling }, location),
    );
  }
  const factors =
    projection && names.map((_, axis) => (projection.axes.includes(axis) ? (kept[0]?.shape[axis] ?? 1) : 1));
  return {
    ...{ kept: kept.length, windows, recuts, factors, ranges: fitted },
    starts: kept.map(({ start }) => start),
  };
}

function tooEarly({ image, location }: CutContext): UnsupportedError {
  return new UnsupportedError(
    `the image ${image.path} in ${location} is OME-Zarr ${image.version}, which cannot express the position of a part of an image: take the whole image, or convert it to 0.4 or later first`,
    { location, path: image.path, feature: `OME-Zarr ${image.version}` },
  );
}

/** The error for a label image whose pixels are larger than those of its image, and are not cut. */
function betweenPixels(
  names: readonly string[],
  ranges: ReadonlyMap<string, FittedRange>,
  axisOf: (name: string) => LevelAxis,
  { ranges: asked = {} }: TransferSelection,
): UsageError {
  const name = names.find((one) => {
    const range = ranges.get(one);
    return range !== undefined && rangeInLevel(range, axisOf(one)) === undefined;
  });
  const { path, location, extent, reference } = axisOf(name ?? "");
  const range = asked[name ?? ""];
  const size = Math.round(reference.extent / Math.max(1, extent));
  return new UsageError(
    `${name}=${range && formatSpan(range)} cuts through pixels of ${path} in ${location}, each of which is ${size} of its image along ${name}: take multiples of ${size}, or leave it out with --leave-out ${path.slice(1)}`,
  );
}

interface LevelArray {
  readonly level: Level;
  readonly node: ArrayNode;
}

/** An axis of one of the levels, by its name. */
function levelAxes(
  arrays: readonly LevelArray[],
  names: readonly string[],
  { owner, location }: CutContext,
  { levels }: TransferSelection,
): (k: number, name: string) => LevelAxis {
  const [multiscale] = owner.multiscales;
  const ownerLevel = multiscale.levels[levels?.start ?? 0];
  const ownerNames = multiscale.axes.map(({ name }) => name);
  const referenceFor = (name: string): LevelAxis["reference"] => {
    const axis = ownerNames.indexOf(name);
    const extent = ownerLevel?.array?.array.shape[axis];
    if (extent !== undefined) return { extent, scale: ownerLevel?.scale[axis] ?? 1 };
    const own = names.indexOf(name);
    const [first] = arrays;
    return { extent: first?.node.array.shape[own] ?? 0, scale: first?.level.scale[own] ?? 1 };
  };
  return (k, name) => {
    const axis = names.indexOf(name);
    const { level, node } = arrays[k] as LevelArray;
    return {
      ...{ name, path: level.path, location, reference: referenceFor(name) },
      extent: node.array.shape[axis] ?? 0,
      scale: level.scale[axis] ?? 1,
    };
  };
}

function arrayOfLevel({ path, array }: Level, axes: number, location: string): ArrayNode {
  if (array !== undefined && array.array.shape.length === axes) return array;
  const why =
    array === undefined
      ? "it has no array"
      : "its array has another number of dimensions than the image has axes";
  throw new InvalidMetadataError(
    `the level ${path} in ${location} cannot be cut, because ${why}: leave it out with --levels`,
    { location, path },
  );
}

/** Refuses arrays whose pixels cannot be decoded, or are not numbers. */
function checkPixels(node: ArrayNode, location: string): void {
  checkDecodable(node, location);
  if (pixelsOfType(node.array.dtype, 0) !== undefined) return;
  throw new UnsupportedError(
    `${node.path} in ${location} cannot be recomputed: its elements are ${node.array.dtype}, and only numbers are; take ranges on chunk boundaries, and leave its chunks as they are`,
    { location, path: node.path, feature: node.array.dtype },
  );
}

/** The requested chunk shape; undefined where the array has it already. */
function chunkShapeOf(
  { array }: ArrayNode,
  names: readonly string[],
  chunks: TransferSelection["chunks"],
): readonly number[] | undefined {
  const shape = names.map((name, axis) => chunks?.[name] ?? array.chunkShape[axis] ?? 1);
  return isSameGrid(shape, array.chunkShape, array) ? undefined : shape;
}

/** How the pixels of a multiscale are projected; undefined where they are not, or have one position along the axis. */
function projectionOf(
  { axes }: Multiscale,
  window: ArrayWindow | undefined,
  { image, location }: CutContext,
  { project }: TransferSelection,
): Recut["project"] {
  const axis = axes.findIndex(({ name }) => name === project?.axis);
  if (project === undefined || axis < 0) return undefined;
  if (axes.findIndex(isChannelAxis) === axis) {
    throw new UsageError(
      `${project.axis} of the image ${image.path} in ${location} is its channels, which are not projected: take one of them, as in --${project.axis} 0`,
    );
  }
  if ((window?.shape[axis] ?? 1) === 1) return undefined;
  // Labels are names, of which there is no mean and no sum.
  return { axes: [axis], method: image.kind === "label-image" ? "max" : project.method };
}

/** How the values of an image are rescaled; undefined for label images, and where they are not. */
function rescalingOf(
  { axes }: Multiscale,
  ranges: ReadonlyMap<string, FittedRange>,
  { image, location }: CutContext,
  { rescale }: TransferSelection,
): Rescale | undefined {
  if (rescale === undefined || image.kind === "label-image") return undefined;
  const { dtype, window } = rescale;
  if (window !== undefined) return createRescale(dtype, [window]);
  const axis = axes.findIndex(({ name }) => name === "c");
  const c = ranges.get("c");
  const channels = image.channels.slice(c?.start, c?.stop);
  const windows = channels.flatMap((channel) => (channel.window === undefined ? [] : [channel.window]));
  const usable = windows.every(({ start, end }) => start < end);
  if (
    usable &&
    windows.length > 0 &&
    windows.length === channels.length &&
    (axis >= 0 || windows.length === 1)
  ) {
    const plain = windows.map(({ start, end }) => ({ start, end }));
    return createRescale(dtype, plain, axis >= 0 ? axis : undefined);
  }
  throw new UsageError(
    `the image ${image.path} in ${location} does not say of each channel which values are shown: give the values that become 0 and the largest one with --window, as in --window 0..4095`,
  );
}
