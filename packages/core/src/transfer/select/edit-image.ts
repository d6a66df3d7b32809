import { InvalidMetadataError } from "../../errors.js";
import type { Level } from "../../ome/model.js";
import { listOf } from "../../ome/read-multiscale.js";
import { isJsonObject, type JsonObject } from "../../zarr/json.js";
import type { ArrayWindow } from "./array-window.js";
import { type CutContext, type CutLevels, cutLevels } from "./cut-levels.js";
import { cutOmero } from "./cut-omero.js";
import { moveDataset } from "./place.js";
import type { TransferSelection } from "./selection.js";

/** An image with fewer levels or pixels. */
export interface EditedImage {
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
export function editImage(
  attributes: JsonObject,
  context: CutContext,
  selection: TransferSelection,
): EditedImage | undefined {
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
