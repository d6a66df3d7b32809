import { InvalidMetadataError, type JsonObject, type Level } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import { isChannelAxis, listOf } from "@ozx/core/internal";
import type { Recut } from "../recut/recut-array.js";
import { type CutContext, cutLevels } from "./cut-levels.js";
import { cutOmero } from "./cut-omero.js";
import type { ArrayWindow, TransferSelection } from "./fit-ranges.js";
import { moveDataset } from "./move-dataset.js";

/** An image with fewer levels or pixels, or with other ones. */
interface ImageCut {
  /** Its OME-Zarr attributes. */
  readonly attributes: JsonObject;
  /** Its arrays that are cut where chunks are. */
  readonly windows: readonly ArrayWindow[];
  /** Its arrays whose chunks are made. */
  readonly recuts: readonly Recut[];
  /** The paths of the levels that it keeps. */
  readonly kept: readonly Level["path"][];
  /** The paths of its other levels. */
  readonly dropped: readonly Level["path"][];
  /** How many of the selected levels could not be cut, so that others are to be made below those that are kept. */
  readonly remade: number;
}

/**
 * Selects levels and ranges of one image, and plans its new chunks and values; undefined if the selection has none of its
 * levels.
 *
 * @param attributes its OME-Zarr attributes
 * @throws UsageError if a range lies outside the image
 * @throws UnsupportedError, InvalidMetadataError if its metadata cannot express the cut, or its pixels cannot be decoded
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
    const selected = multiscale.levels.slice(start, stop);
    const cut = cutLevels({ ...multiscale, levels: selected }, context, selection);
    const levels = selected.slice(0, cut.kept);
    const moved = datasets.slice(start, start + levels.length).map((dataset, at) => {
      const first = cut.starts[at] ?? [];
      // Channels have no position in space, so their axis gets no translation.
      const channels = multiscale.axes.findIndex(isChannelAxis);
      const pixels = first.map((n, axis) => (axis === channels ? 0 : n));
      const where = { location, path: levels[at]?.path ?? image.path };
      return moveDataset(dataset, { start: pixels, factors: cut.factors }, where);
    });
    const dropped = multiscale.levels.filter((level) => !levels.includes(level));
    return { metadata: { ...written[index], datasets: moved }, cut, selected, levels, dropped };
  });
  if (cuts.some(({ selected }) => selected.length === 0)) return undefined;
  const [first] = cuts;
  const { omero } = attributes;
  const dtype = image.kind === "label-image" ? undefined : selection.rescale?.dtype;
  const shown = { ranges: first?.cut.ranges ?? new Map(), projected: selection.project?.axis, dtype };
  return {
    attributes: {
      ...attributes,
      multiscales: cuts.map(({ metadata }) => metadata),
      ...(isJsonObject(omero) && { omero: cutOmero(omero, shown) }),
    },
    windows: cuts.flatMap(({ cut }) => cut.windows),
    recuts: cuts.flatMap(({ cut }) => cut.recuts),
    kept: cuts.flatMap(({ levels }) => levels.map(({ path }) => path)),
    dropped: cuts.flatMap(({ dropped }) => dropped.map(({ path }) => path)),
    remade: cuts.reduce((sum, { selected, levels }) => sum + selected.length - levels.length, 0),
  };
}
