import { defaultColor, type ValueWindow } from "../image/display.js";
import { isChannelAxis } from "../ome/channel-axis.js";
import type { Axis, Channel } from "../ome/model.js";
import type { OpenImage } from "./open-node.js";

/** How a channel is shown. */
export interface DisplayedChannel {
  readonly index: number;
  readonly label: string | undefined;
  /** Six hexadecimal digits, as in `FF8000`. */
  readonly color: string;
  /** Undefined where it is to be computed from the pixels. */
  readonly window: ValueWindow | undefined;
  readonly active: boolean;
}

/** What decides how channels are shown. */
export interface DisplaySource {
  readonly axes: readonly Axis[];
  readonly channels: readonly Channel[];
  /** The extent along each axis, and the type of the pixels, of the level that is shown. */
  readonly level: Pick<OpenImage["levels"][number], "shape" | "dtype">;
}

/**
 * How each channel of an image is shown: as its `omero` metadata asks for, and where there is none, as usual. Three
 * channels of bytes are the red, green and blue of a colour picture, and a fourth one is its alpha, which is not shown.
 */
export function displayedChannels({ axes, channels, level }: DisplaySource): DisplayedChannel[] {
  const at = axes.findIndex(isChannelAxis);
  const count = at < 0 ? 1 : (level.shape[at] ?? 1);
  const isPicture = channels.length === 0 && level.dtype === "uint8" && (count === 3 || count === 4);
  return Array.from({ length: count }, (_, index) => {
    if (isPicture) return { index, ...partOfPicture(index) };
    const { label, color = defaultColor(index, count), window, active = true } = channels[index] ?? {};
    return { index, label, color, window, active };
  });
}

const PARTS = ["Red", "Green", "Blue"];

function partOfPicture(index: number): Omit<DisplayedChannel, "index"> {
  const label = PARTS[index] ?? "Alpha";
  // A window of each channel's own would change the colours.
  const window = { start: 0, end: 255, min: 0, max: 255 };
  const active = index < PARTS.length;
  return { label, color: active ? defaultColor(index, PARTS.length) : "FFFFFF", window, active };
}
