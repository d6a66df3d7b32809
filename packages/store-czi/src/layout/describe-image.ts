import type { JsonObject } from "@ozx/core";
import { type ChannelMetadata, type ImageScale, micrometers, type Quantity } from "@ozx/virtual";
import type { SceneLevels } from "./build-levels.js";
import type { SceneGroup } from "./group-scenes.js";
import type { CziImage } from "./layout.js";
import type { CziMetadata } from "./metadata.js";
import type { PixelForm } from "./pixel-form.js";

/** What is known of the file beside an image. */
export interface FileFacts {
  readonly metadata: CziMetadata;
  /** Seconds between points in time. */
  readonly interval: number | undefined;
  /** The dimensions along which images differ. */
  readonly differing: readonly string[];
}

/** An image with all that the file says of it. */
export function describeImage(
  { at, samples, density }: SceneGroup,
  form: PixelForm,
  { sizes, levels, origin, channelStarts }: SceneLevels,
  { metadata, interval, differing }: FileFacts,
): CziImage {
  const scene = at.S === undefined ? undefined : metadata.scenes.get(at.S);
  const others = differing.filter((dimension) => dimension !== "S" || scene?.name === undefined);
  const places = others.flatMap((dimension) =>
    dimension in at ? `${dimension}=${at[dimension as keyof typeof at]}` : [],
  );
  const name = [scene?.name, ...places, renderedAt(density)].filter((part) => part !== undefined).join(", ");
  const place: JsonObject = Object.fromEntries(Object.entries(at).map(([key, start]) => [key, start ?? 0]));
  return {
    name: name === "" ? undefined : name,
    sizes,
    levels,
    form,
    scale: scaleOf(metadata, interval, density),
    origin,
    channels: samples === 1 ? channelsOf(channelStarts, form, metadata) : undefined,
    significantBits: form.kind === "float" ? undefined : metadata.significantBits,
    ...(differing.length > 0 && { attributes: { czi: { ...place } } }),
  };
}

/** As in `rendered at 2.36x`: what has more pixels than were acquired. */
function renderedAt(density: SceneGroup["density"]): string | undefined {
  if (density === undefined || Math.max(density.x, density.y) <= 1) return undefined;
  return `rendered at ${Number(density.x.toFixed(2))}x`;
}

/** @param density pixels that are stored for one that the file has the size of */
function scaleOf(
  { pixelSizes }: CziMetadata,
  interval: number | undefined,
  density: SceneGroup["density"] = { x: 1, y: 1 },
): ImageScale {
  // The file has metres.
  const length = (metres: number | undefined): Quantity | undefined => micrometers(metres && metres * 1e6);
  return {
    x: length(pixelSizes.x && pixelSizes.x / density.x),
    y: length(pixelSizes.y && pixelSizes.y / density.y),
    z: length(pixelSizes.z),
    t: interval === undefined ? undefined : { value: interval, unit: "second" },
  };
}

/** Names, colours and windows of the channels at some starts along C. */
function channelsOf(
  starts: readonly number[],
  form: PixelForm,
  { channels }: CziMetadata,
): readonly ChannelMetadata[] | undefined {
  if (channels.size === 0) return undefined;
  return starts.map((start) => {
    const { name, color, low = 0, high } = channels.get(start) ?? {};
    const most = 2 ** (8 * form.itemSize) - 1;
    const isRange = form.kind === "uint" && high !== undefined && high > low;
    return {
      name,
      color,
      ...(isRange && { window: [Math.round(low * most), Math.round(high * most)] as const }),
    };
  });
}
