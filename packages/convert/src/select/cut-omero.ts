import type { JsonObject } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import { asCount } from "@ozx/core/internal";
import { mostOf, type RescaledType } from "../recut/rescale-pixels.js";
import type { FittedRange } from "./fit-ranges.js";

/** What becomes of an image, as far as `omero` tells of it. */
export interface OmeroCut {
  /** By axis name. */
  readonly ranges: ReadonlyMap<string, FittedRange>;
  /** The name of an axis that has one position now. */
  readonly projected?: string | undefined;
  /** The new data type of its values. */
  readonly dtype?: RescaledType | undefined;
}

/**
 * Adapts `omero` to a part of an image: it keeps the selected channels, and the planes that are shown first get their new
 * numbers. Values that were rescaled are shown whole. `omero` always means the axes named c, z and t.
 */
export function cutOmero(omero: JsonObject, cut: OmeroCut): JsonObject {
  const channels = omero["channels"];
  const c = cut.ranges.get("c");
  const rdefs = omero["rdefs"];
  const kept: readonly unknown[] = Array.isArray(channels) ? channels.slice(c?.start, c?.stop) : [];
  const { dtype } = cut;
  return {
    ...omero,
    ...(Array.isArray(channels) && { channels: dtype ? kept.map((one) => wholeWindow(one, dtype)) : kept }),
    ...(isJsonObject(rdefs) && { rdefs: cutDefaults(rdefs, cut) }),
  };
}

function cutDefaults(rdefs: JsonObject, { ranges, projected }: OmeroCut): JsonObject {
  const moved: Record<string, unknown> = { ...rdefs };
  for (const [name, axis] of [["defaultT", "t"] as const, ["defaultZ", "z"] as const]) {
    const range = ranges.get(axis);
    const plane = asCount(rdefs[name]);
    if (plane === undefined) continue;
    if (projected === axis) moved[name] = 0;
    else if (range) moved[name] = Math.min(Math.max(plane, range.start), range.stop - 1) - range.start;
  }
  return moved;
}

function wholeWindow(channel: unknown, dtype: RescaledType): unknown {
  if (!isJsonObject(channel) || !isJsonObject(channel["window"])) return channel;
  const most = mostOf(dtype);
  return { ...channel, window: { ...channel["window"], min: 0, max: most, start: 0, end: most } };
}
