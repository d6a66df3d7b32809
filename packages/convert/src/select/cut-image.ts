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
  type DocumentLocation,
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
  type LevelAxis,
  objectShapeOf,
  rangeInLevel,
  type TransferSelection,
} from "./fit-ranges.js";

/** An image with fewer levels or pixels. */
interface ImageCut {
  /** Its OME-Zarr attributes. */
  readonly attributes: JsonObject;
  /** Its arrays that are cut. */
  readonly windows: readonly ArrayWindow[];
  /** The paths of the levels that are selected. */
  readonly kept: readonly Level["path"][];
  /** The paths of its other levels. */
  readonly dropped: readonly Level["path"][];
}

/** The image to cut, and the image in whose pixels ranges are given: itself, or for a label image the image it belongs to. */
interface CutContext {
  readonly location: string;
  readonly image: Image | LabelImage;
  readonly owner: Image | LabelImage;
}

/**
 * Selects levels and ranges of one image; undefined if the selection has none of its levels.
 *
 * @param attributes its OME-Zarr attributes
 * @throws UsageError if a range lies outside the image, or cuts through chunks
 * @throws UnsupportedError, InvalidMetadataError if its metadata cannot express the cut
 */
export function cutImage(
  attributes: JsonObject,
  context: CutContext,
  selection: TransferSelection,
): ImageCut | undefined {
  const { image, location } = context;
  const written = listOf(attributes, "multiscales");
  const { start = 0, stop } = selection.levels ?? {};
  const cuts = image.multiscales.map((multiscale, index) => {
    const datasets = listOf(written[index] ?? {}, "datasets");
    if (datasets.length !== multiscale.levels.length || written.length !== image.multiscales.length) {
      throw new InvalidMetadataError(
        `the image ${image.path} in ${location} has invalid levels: correct its metadata before taking a part of it`,
        { location, path: image.path },
      );
    }
    const levels = multiscale.levels.slice(start, stop);
    const cut = cutLevels({ ...multiscale, levels }, context, selection);
    const moved = datasets.slice(start, stop).map((dataset, at) => {
      const first = cut.windows[at]?.start ?? [];
      // Channels have no position in space, so their axis gets no translation.
      const pixels = first.map((n, axis) => (multiscale.axes[axis]?.type === "channel" ? 0 : n));
      return moveDataset(dataset, pixels, { location, path: levels[at]?.path ?? image.path });
    });
    const dropped = multiscale.levels.filter((level) => !levels.includes(level));
    return { metadata: { ...written[index], datasets: moved }, cut, levels, dropped };
  });
  if (cuts.some(({ levels }) => levels.length === 0)) return undefined;
  const [first] = cuts;
  const { omero } = attributes;
  return {
    attributes: {
      ...attributes,
      multiscales: cuts.map(({ metadata }) => metadata),
      ...(isJsonObject(omero) && first && { omero: cutOmero(omero, first.cut.ranges) }),
    },
    windows: cuts.flatMap(({ cut }) => cut.windows),
    kept: cuts.flatMap(({ levels }) => levels.map(({ path }) => path)),
    dropped: cuts.flatMap(({ dropped }) => dropped.map(({ path }) => path)),
  };
}

interface CutLevels {
  /** One per level; none if no range applies. */
  readonly windows: readonly ArrayWindow[];
  /** The range of each axis that is cut, in pixels of the owner's first level. */
  readonly ranges: ReadonlyMap<string, FittedRange>;
}

/**
 * Cuts ranges out of the levels of one multiscale.
 *
 * @param multiscale with only the selected levels
 * @throws UsageError, UnsupportedError, InvalidMetadataError
 */
function cutLevels(
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
      `the image ${image.path} in ${location} is OME-Zarr ${image.version}, which cannot express the position of a part of an image: take the whole image, or convert it to 0.4 or later first`,
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
      objectExtent: objectShapeOf(node)[axis] ?? 1,
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
    // Label images that are the same along an axis have a single pixel there.
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
  const why =
    array === undefined
      ? "it has no array"
      : "its array has another number of dimensions than the image has axes";
  throw new InvalidMetadataError(
    `the level ${path} in ${location} cannot be cut, because ${why}: leave it out with --levels`,
    { location, path },
  );
}

/**
 * Adapts `omero` to ranges of an image: it keeps the selected channels, and the planes that are shown first get their new
 * numbers. `omero` always means the axes named c, z and t.
 */
function cutOmero(omero: JsonObject, ranges: ReadonlyMap<string, FittedRange>): JsonObject {
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
 * The metadata of a dataset whose array lost the pixels before `start`: the translation grows by `start` pixels in the
 * dataset's own scale. The transformations of the multiscale are applied afterwards, and do not change.
 *
 * @param start one index per axis, 0 for axes that are not positions
 * @param where the dataset, for messages
 * @throws UnsupportedError for transformations other than scale and translation
 */
function moveDataset(dataset: JsonObject, start: readonly number[], where: DocumentLocation): JsonObject {
  if (start.every((pixels) => pixels === 0)) return dataset;
  const written = member(dataset, "coordinateTransformations");
  const moved =
    Array.isArray(written) && written.some(hasOutput)
      ? written.map((transform: unknown) => moveTransform(transform, start, where))
      : moveSteps(written, start, where);
  return { ...dataset, coordinateTransformations: moved };
}

/** 0.6: a transformation has an input and an output. It becomes a `sequence`, to hold the translation. */
function moveTransform(transform: unknown, start: readonly number[], where: DocumentLocation): JsonObject {
  const transformations = moveSteps([transform], start, where);
  const {
    type: _type,
    scale: _scale,
    translation: _translation,
    ...inputAndOutput
  } = isJsonObject(transform) ? transform : {};
  return { ...inputAndOutput, type: "sequence", transformations };
}

function moveSteps(transforms: unknown, start: readonly number[], where: DocumentLocation): JsonObject[] {
  const what = `the level ${where.path}`;
  const { scale, translation } = composeAll([{ transforms, what }], start.length, (problem) =>
    cannotMove(problem, where),
  );
  return placementSteps({
    scale,
    translation: translation.map((offset, axis) => positionAfter(offset, start[axis] ?? 0, scale[axis] ?? 1)),
  });
}

function cannotMove({ type }: TransformProblem, where: DocumentLocation): UnsupportedError {
  return new UnsupportedError(
    `the level ${where.path} in ${where.location} cannot be cut: its transformation ${type} is not a scale or a translation given as one number per axis; take the whole image`,
    { ...where, feature: `transformation ${type}` },
  );
}
