import { asCount } from "../../ome/ome-metadata.js";
import { isJsonObject, type JsonObject } from "../../zarr/json.js";
import type { FittedRange } from "./borders.js";

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
