import { defaultColor, type ValueWindow } from "../image/display.js";
import type { Channel, Image } from "../ome/model.js";

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
interface DisplaySource {
  /** Those of the `omero` metadata. */
  readonly channels: readonly Channel[];
  /** The extent along the channel axis; 1 where there is none, or where it is one of the drawn axes. */
  readonly count: number;
  /** The type of the pixels. */
  readonly dtype: string;
  /** The colour model that the `omero` metadata asks for. */
  readonly model: Image["defaults"]["model"];
}

/**
 * How each channel of an image is shown: as its `omero` metadata asks for, and where there is none, as usual. Three
 * channels of bytes are the red, green and blue of a colour picture, and a fourth one is its alpha, which is not shown.
 * Where the metadata asks for greyscale, the first active channel is shown alone, in white.
 */
export function displayedChannels({ channels, count, dtype, model }: DisplaySource): DisplayedChannel[] {
  const isPicture = channels.length === 0 && dtype === "uint8" && (count === 3 || count === 4);
  const all = Array.from({ length: count }, (_, index) => {
    if (isPicture) return { index, ...partOfPicture(index) };
    const { label, color = defaultColor(index, count), window, active = true } = channels[index] ?? {};
    return { index, label, color, window, active };
  });
  if (model !== "greyscale") return all;
  const shown = all.findIndex(({ active }) => active);
  return all.map((channel) => ({ ...channel, color: "FFFFFF", active: channel.index === shown }));
}

const PARTS = ["Red", "Green", "Blue"];

function partOfPicture(index: number): Omit<DisplayedChannel, "index"> {
  const label = PARTS[index] ?? "Alpha";
  // A window of each channel's own would change the colours.
  const window = { start: 0, end: 255, min: 0, max: 255 };
  const active = index < PARTS.length;
  return { label, color: active ? defaultColor(index, PARTS.length) : "FFFFFF", window, active };
}
