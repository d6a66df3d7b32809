import {
  type ArrayNode,
  type Image,
  InvalidMetadataError,
  type JsonObject,
  type LabelImage,
  type Level,
  type Multiscale,
  UnsupportedError,
} from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import {
  asCount,
  composeAll,
  hasOutput,
  listOf,
  member,
  placementSteps,
  type TransformProblem,
} from "@ozx/core/internal";
import { positionAfter } from "../pyramid/pyramid-shapes.js";
import {
  type ArrayWindow,
  type FittedRange,
  fitRange,
  gridShapeOf,
  type LevelAxis,
  rangeInLevel,
  type TransferSelection,
} from "./fit-ranges.js";

/** An image with fewer levels or pixels. */
export interface ImageCut {
  /** The OME-Zarr part of its attributes. */
  readonly attributes: JsonObject;
  readonly windows: readonly ArrayWindow[];
  /** Arrays of the levels that are taken, and of those that are not. */
  readonly kept: readonly Level["path"][];
  readonly dropped: readonly Level["path"][];
}

/**
 * Takes levels and ranges of one image. Undefined where none of its levels are taken.
 *
 * @param attributes the OME-Zarr part of its attributes
 * @throws UsageError when a range does not lie at borders of chunks
 * @throws UnsupportedError, InvalidMetadataError when its metadata cannot be cut
 */
export function cutImage(
  attributes: JsonObject,
  context: CutContext,
  selection: TransferSelection,
): ImageCut | undefined {
  const { image, location } = context;
  const written = listOf(attributes, "multiscales");
  const { start = 0, stop } = selection.levels ?? {};
  const edited = image.multiscales.map((multiscale, index) => {
    const datasets = listOf(written[index] ?? {}, "datasets");
    if (datasets.length !== multiscale.levels.length || written.length !== image.multiscales.length) {
      throw new InvalidMetadataError(
        `the image ${image.path} in ${location} has levels that cannot be understood: correct its metadata before a part of it is taken`,
        { location, path: image.path },
      );
    }
    const levels = multiscale.levels.slice(start, stop);
    const cut = cutLevels({ ...multiscale, levels }, context, selection);
    const moved = datasets.slice(start, stop).map((dataset, at) => {
      const first = cut.windows[at]?.start ?? [];
      // A channel is no position, so that its number is no place either.
      const pixels = first.map((n, axis) => (multiscale.axes[axis]?.type === "channel" ? 0 : n));
      return moveDataset(dataset, pixels, { location, path: levels[at]?.path ?? image.path });
    });
    const dropped = multiscale.levels.filter((level) => !levels.includes(level));
    return { metadata: { ...written[index], datasets: moved }, cut, levels, dropped };
  });
  if (edited.some(({ levels }) => levels.length === 0)) return undefined;
  const [first] = edited;
  return {
    attributes: {
      ...attributes,
      multiscales: edited.map(({ metadata }) => metadata),
      ...omeroOf(attributes, first?.cut),
    },
    windows: edited.flatMap(({ cut }) => cut.windows),
    kept: edited.flatMap(({ levels }) => levels.map(({ path }) => path)),
    dropped: edited.flatMap(({ dropped }) => dropped.map(({ path }) => path)),
  };
}

function omeroOf(attributes: JsonObject, cut: CutLevels | undefined): JsonObject {
  const { omero } = attributes;
  return isJsonObject(omero) && cut !== undefined ? { omero: cutOmero(omero, cut.ranges) } : {};
}

/** The images of a cut: the one whose pixels ranges are given in, and it or a label image of it. */
export interface CutContext {
  readonly location: string;
  readonly image: Image | LabelImage;
  readonly owner: Image | LabelImage;
}

export interface CutLevels {
  /** One for each level; none where nothing is cut. */
  readonly windows: readonly ArrayWindow[];
  /** What was taken of each axis that was cut, in pixels of the owner's first level. */
  readonly ranges: ReadonlyMap<string, FittedRange>;
}

/**
 * Cuts ranges out of the levels of one multiscale.
 *
 * @param multiscale with only those levels that are taken
 * @throws UsageError, UnsupportedError, InvalidMetadataError
 */
export function cutLevels(
  multiscale: Multiscale,
  context: CutContext,
  { levels, ranges = {} }: TransferSelection,
): CutLevels {
  const names = multiscale.axes.map(({ name }) => name);
  const cut = names.filter((name) => ranges[name] !== undefined);
  if (cut.length === 0 || multiscale.levels.length === 0) return { windows: [], ranges: new Map() };
  const { image, location } = context;
  if (image.version < "0.4") {
    throw new UnsupportedError(
      `the image ${image.path} in ${location} is OME-Zarr ${image.version}, which cannot say where a part of an image lies: take it whole`,
      { location, path: image.path, feature: `OME-Zarr ${image.version}` },
    );
  }
  const arrays = multiscale.levels.map((level) => ({
    level,
    node: arrayOfLevel(level, names.length, location),
  }));
  const ownerLevel = context.owner.multiscales[0].levels[levels?.start ?? 0];
  const ownerNames = context.owner.multiscales[0].axes.map(({ name }) => name);
  const referenceFor = (name: string): LevelAxis["reference"] => {
    const axis = ownerNames.indexOf(name);
    const extent = ownerLevel?.array?.array.shape[axis];
    if (extent !== undefined) return { extent, scale: ownerLevel?.scale[axis] ?? 1 };
    const own = names.indexOf(name);
    const [first] = arrays;
    return { extent: first?.node.array.shape[own] ?? 0, scale: first?.level.scale[own] ?? 1 };
  };
  const axisOf = ({ level, node }: (typeof arrays)[number], name: string): LevelAxis => {
    const axis = names.indexOf(name);
    return {
      name,
      path: level.path,
      location,
      extent: node.array.shape[axis] ?? 0,
      grid: gridShapeOf(node)[axis] ?? 1,
      isShard: node.array.shardShape !== undefined,
      scale: level.scale[axis] ?? 1,
      reference: referenceFor(name),
    };
  };
  const fitted = new Map<string, FittedRange>();
  for (const name of cut) {
    const [first, ...others] = arrays.map((level) => axisOf(level, name));
    const range = ranges[name];
    if (first === undefined || range === undefined) continue;
    // One pixel in all, as label images have it that do not change along an axis.
    if (image !== context.owner && first.extent === 1 && first.reference.extent > 1) continue;
    fitted.set(name, fitRange(range, [first, ...others]));
  }
  const windows = arrays.map((level): ArrayWindow => {
    const spans = names.map((name, axis) => {
      const range = fitted.get(name);
      return range === undefined
        ? { start: 0, stop: level.node.array.shape[axis] ?? 0 }
        : rangeInLevel(range, axisOf(level, name));
    });
    return {
      node: level.node,
      start: spans.map(({ start }) => start),
      shape: spans.map(({ start, stop }) => stop - start),
    };
  });
  return { windows, ranges: fitted };
}

function arrayOfLevel({ path, array }: Level, axes: number, location: string): ArrayNode {
  if (array !== undefined && array.array.shape.length === axes) return array;
  throw new InvalidMetadataError(
    `the level ${path} in ${location} cannot be cut, for ${array === undefined ? "there is no array" : "its array has other dimensions than the image has axes"}: leave it out with --levels`,
    { location, path },
  );
}

/**
 * `omero` of an image of which ranges are taken: the channels that are left, and the planes to show first as they
 * are counted now. `omero` is about axes by these names alone.
 */
export function cutOmero(omero: JsonObject, ranges: ReadonlyMap<string, FittedRange>): JsonObject {
  const channels = omero["channels"];
  const c = ranges.get("c");
  const rdefs = omero["rdefs"];
  return {
    ...omero,
    ...(Array.isArray(channels) && c && { channels: channels.slice(c.start, c.stop) }),
    ...(isJsonObject(rdefs) && { rdefs: cutDefaults(rdefs, ranges) }),
  };
}

function cutDefaults(rdefs: JsonObject, ranges: ReadonlyMap<string, FittedRange>): JsonObject {
  const moved: Record<string, unknown> = { ...rdefs };
  for (const [name, axis] of [["defaultT", "t"] as const, ["defaultZ", "z"] as const]) {
    const range = ranges.get(axis);
    const plane = asCount(rdefs[name]);
    if (range === undefined || plane === undefined) continue;
    moved[name] = Math.min(Math.max(plane, range.start), range.stop - 1) - range.start;
  }
  return moved;
}

/**
 * A dataset's metadata after its array lost the pixels before `start`: what was the pixel at `start` is the first
 * now, so the translation grows by `start` pixels, in the dataset's own scale. Those of the multiscale are applied
 * after it, and stay as they are.
 *
 * @param start one number an axis, 0 for axes that are not positions
 * @param where the dataset, for messages
 * @throws UnsupportedError for transformations other than scale and translation, which cannot be moved so
 */
export function moveDataset(
  dataset: JsonObject,
  start: readonly number[],
  where: { location: string; path: string },
): JsonObject {
  if (start.every((pixels) => pixels === 0)) return dataset;
  const written = member(dataset, "coordinateTransformations");
  const moved =
    Array.isArray(written) && written.some(hasOutput)
      ? written.map((transform: unknown) => moveTransform(transform, start, where))
      : moveSteps(written, start, where);
  return { ...dataset, coordinateTransformations: moved };
}

/** 0.6: each transformation has two ends and leads from the array; it is a `sequence` once there is a translation. */
function moveTransform(
  transform: unknown,
  start: readonly number[],
  where: { location: string; path: string },
): JsonObject {
  const transformations = moveSteps([transform], start, where);
  const {
    type: _type,
    scale: _scale,
    translation: _translation,
    ...ends
  } = isJsonObject(transform) ? transform : {};
  return { ...ends, type: "sequence", transformations };
}

function moveSteps(
  transforms: unknown,
  start: readonly number[],
  where: { location: string; path: string },
): JsonObject[] {
  const what = `the level ${where.path}`;
  const { scale, translation } = composeAll([{ transforms, what }], start.length, (problem) =>
    cannotMove(problem, where),
  );
  return placementSteps({
    scale,
    translation: translation.map((offset, axis) => positionAfter(offset, start[axis] ?? 0, scale[axis] ?? 1)),
  });
}

function cannotMove({ type }: TransformProblem, where: { location: string; path: string }): UnsupportedError {
  return new UnsupportedError(
    `the level ${where.path} in ${where.location} cannot be cut: its transformation ${type} is not a list of numbers, one an axis, of a scale or a translation; take it whole`,
    { ...where, feature: `transformation ${type}` },
  );
}
