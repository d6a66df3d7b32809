import { unitFromSpelling } from "@ozx/core/internal";
import type { ChannelMetadata, ImageScale, PlaneSizes, Quantity } from "@ozx/virtual";
import type { OmeImage, OmeQuantity } from "./ome-model.js";

/** The sizes of pixels and the time between planes, with the units that OME-Zarr has. */
export function scaleOf({ pixelSizes, timeIncrement, deltas }: OmeImage): ImageScale {
  return {
    x: length(pixelSizes.x),
    y: length(pixelSizes.y),
    z: length(pixelSizes.z),
    t: timeIncrement === undefined ? meanInterval(deltas) : time(timeIncrement),
  };
}

/** Undefined for a unit without a length, such as `pixel` and `reference frame`. */
function length(quantity: OmeQuantity | undefined): Quantity | undefined {
  if (quantity === undefined) return undefined;
  const unit = unitFromSpelling("space", quantity.unit ?? "µm");
  return unit === undefined ? undefined : { value: quantity.value, unit };
}

function time(quantity: OmeQuantity): Quantity | undefined {
  const unit = unitFromSpelling("time", quantity.unit ?? "s");
  return unit === undefined ? undefined : { value: quantity.value, unit };
}

/** The median of the times between planes, if the file has no increment but the time of each plane. */
function meanInterval(deltas: ReadonlyMap<number, OmeQuantity>): Quantity | undefined {
  const times = [...deltas].sort(([a], [b]) => a - b);
  const steps = times
    .slice(1)
    .map(([t, { value }], k) => (value - (times[k]?.[1].value ?? 0)) / (t - (times[k]?.[0] ?? 0)))
    .filter((step) => Number.isFinite(step) && step > 0)
    .sort((a, b) => a - b);
  const value = steps[Math.floor(steps.length / 2)];
  return value === undefined
    ? undefined
    : time({ value: Number(value.toPrecision(6)), unit: times[0]?.[1].unit });
}

/**
 * The names and colours of channels.
 *
 * @param samples channels of a plane, which share one Channel element
 * @param isArgb whether colours are ARGB, as Micro-Manager 1.4 writes them
 */
export function channelsOf(
  { channels }: OmeImage,
  sizes: PlaneSizes,
  samples: number,
  isArgb: boolean,
): readonly ChannelMetadata[] | undefined {
  if (samples > 1 || channels.length !== sizes.c) return undefined;
  return channels.map(({ name, color }) => ({
    name,
    color: color === undefined ? undefined : hexOf(color, isArgb),
  }));
}

/** OME has red in the highest byte and alpha in the lowest, Micro-Manager 1.4 alpha in the highest. */
function hexOf(color: number, isArgb: boolean): string | undefined {
  // The default of the schema says that no colour was chosen.
  if (color === -1 || !Number.isInteger(color)) return undefined;
  const unsigned = color < 0 ? color + 2 ** 32 : color;
  const rgb = isArgb ? unsigned % 2 ** 24 : Math.floor(unsigned / 256);
  return rgb.toString(16).padStart(6, "0").slice(-6).toUpperCase();
}
