import { defaultColor } from "../image/display.js";
import type { PyramidAxis, PyramidLevel } from "../image/pyramid-shapes.js";
import { placementSteps } from "../ome/transforms.js";
import type { JsonObject } from "../zarr/json.js";
import type { NewChannel, NewImageOptions } from "./image-options.js";
import { usualRange } from "./pixel-types.js";

/** The version of OME-Zarr that is written. */
export const WRITTEN_VERSION = "0.5";

/** The `zarr.json` of a group of OME-Zarr. */
export function omeGroup(ome: JsonObject): JsonObject {
  return {
    zarr_format: 3,
    node_type: "group",
    attributes: { ome: { version: WRITTEN_VERSION, ...ome } },
  };
}

/** A group that only holds others, as a plate's row. */
export const PLAIN_GROUP: JsonObject = { zarr_format: 3, node_type: "group", attributes: {} };

/** What a multiscale says of how its smaller levels were made: `type` and `metadata`. */
export function howMade(method: "mean" | "nearest", program: string): JsonObject {
  const description =
    method === "nearest"
      ? "every second pixel, so that labels are not mixed"
      : "the mean of 2 pixels along each axis that became smaller, halves to the even neighbour";
  return { type: method, metadata: { method: program, description } };
}

/** A level as the metadata tells of it. */
export type PlacedLevel = Pick<PyramidLevel, "scale" | "translation"> & { readonly name: string };

/**
 * The members of an image under `ome` ("multiscales metadata" and "omero metadata" of 0.5).
 *
 * @param method how smaller levels are made
 */
export function imageMembers(
  { name, channels, dtype }: Pick<NewImageOptions, "channels" | "dtype"> & { readonly name: string },
  axes: readonly PyramidAxis[],
  levels: readonly PlacedLevel[],
  method: "mean" | "nearest",
): JsonObject {
  const multiscale = {
    name,
    axes: axes.map(({ name, type, unit }) => ({ name, ...(type && { type }), ...(unit && { unit }) })),
    datasets: levels.map(({ name: path, ...placement }) => ({
      path,
      coordinateTransformations: placementSteps(placement),
    })),
    ...howMade(method, "ozx"),
  };
  return {
    multiscales: [multiscale],
    ...(channels && {
      omero: { channels: channels.map((channel, k) => describeChannel(channel, k, channels.length, dtype)) },
    }),
  };
}

function describeChannel(
  channel: string | NewChannel,
  index: number,
  count: number,
  dtype: string,
): JsonObject {
  const { label, color, window }: NewChannel = typeof channel === "string" ? { label: channel } : channel;
  const [min, max] = usualRange(dtype);
  const { start = min, end = max } = window ?? {};
  return {
    ...(label !== undefined && { label }),
    color: color?.toUpperCase() ?? defaultColor(index, count),
    active: true,
    window: { start, end, min: window?.min ?? Math.min(min, start), max: window?.max ?? Math.max(max, end) },
  };
}
