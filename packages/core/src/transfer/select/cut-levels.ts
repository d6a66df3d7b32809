import { InvalidMetadataError, UnsupportedError } from "../../errors.js";
import type { Image, LabelImage, Level, Multiscale } from "../../ome/model.js";
import type { ArrayNode } from "../../zarr/zarr-node.js";
import { type ArrayWindow, gridShapeOf } from "./array-window.js";
import { type FittedRange, fitRange, type LevelAxis, rangeInLevel } from "./borders.js";
import type { TransferSelection } from "./selection.js";

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
  const arrays = multiscale.levels.map((level) => ({ level, node: arrayOf(level, names.length, location) }));
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

function arrayOf({ path, array }: Level, axes: number, location: string): ArrayNode {
  if (array !== undefined && array.array.shape.length === axes) return array;
  throw new InvalidMetadataError(
    `the level ${path} in ${location} cannot be cut, for ${array === undefined ? "there is no array" : "its array has other dimensions than the image has axes"}: leave it out with --levels`,
    { location, path },
  );
}
