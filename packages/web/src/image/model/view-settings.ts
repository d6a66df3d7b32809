import type { OpenImage } from "@ozx/core";
import { defaultColor } from "@ozx/core";
import { axisRoles } from "../tiles/image-plane.js";

/** Viv draws ten channels at once. */
export const MOST_CHANNELS = 10;

/** How one channel is shown. */
export interface ChannelSetting {
  readonly index: number;
  readonly label: string;
  readonly on: boolean;
  /** Six hexadecimal digits. */
  readonly color: string;
  /** Shown as black and as full colour; undefined until it has been found out from the pixels. */
  readonly window: { readonly start: number; readonly end: number } | undefined;
  /** What the sliders offer. */
  readonly range: { readonly min: number; readonly max: number } | undefined;
  readonly gamma: number;
}

export interface LabelSetting {
  /** Position in the image's `labels`; undefined for none. */
  readonly index: number | undefined;
  readonly opacity: number;
}

/** How an image is shown. */
export interface ViewSettings {
  /** The position along each axis that is not drawn, by its name. */
  readonly slice: Readonly<Record<string, number>>;
  readonly channels: readonly ChannelSetting[];
  readonly label: LabelSetting;
}

export type SettingsAction =
  | { readonly type: "slice"; readonly axis: string; readonly position: number }
  | { readonly type: "channel"; readonly index: number; readonly change: Partial<ChannelSetting> }
  | { readonly type: "label"; readonly change: Partial<LabelSetting> }
  | { readonly type: "restore"; readonly settings: ViewSettings };

export function settingsReducer(settings: ViewSettings, action: SettingsAction): ViewSettings {
  switch (action.type) {
    case "slice":
      return { ...settings, slice: { ...settings.slice, [action.axis]: action.position } };
    case "label":
      return { ...settings, label: { ...settings.label, ...action.change } };
    case "restore":
      return action.settings;
    case "channel": {
      const full = settings.channels.filter(({ on }) => on).length >= MOST_CHANNELS;
      return {
        ...settings,
        channels: settings.channels.map((channel) => {
          if (channel.index !== action.index) return channel;
          const refused = full && !channel.on && action.change.on === true;
          return refused ? channel : { ...channel, ...action.change };
        }),
      };
    }
  }
}

/** How an image asks to be shown (`omero`), with sense where it does not say. */
export function initialSettings(image: OpenImage): ViewSettings {
  const { shape } = image.level(0);
  const roles = axisRoles(image.axes);
  const { defaults } = image.model;
  const slice: Record<string, number> = {};
  for (const at of roles.others) {
    const name = image.axes[at]?.name ?? "";
    const size = shape[at] ?? 1;
    const wanted = name === "z" ? (defaults.z ?? Math.floor(size / 2)) : name === "t" ? defaults.t : 0;
    slice[name] = Math.min(wanted ?? 0, size - 1);
  }
  const count = roles.channel === undefined ? 1 : (shape[roles.channel] ?? 1);
  return { slice, channels: initialChannels(image, count), label: { index: undefined, opacity: 0.5 } };
}

function initialChannels({ channels, model: { defaults } }: OpenImage, count: number): ChannelSetting[] {
  const grey = defaults.model === "greyscale";
  let on = 0;
  return Array.from({ length: count }, (_, index) => {
    const asked = channels[index];
    const wanted = asked === undefined ? index < 4 : asked.active;
    const isOn = wanted && on < (grey ? 1 : MOST_CHANNELS);
    if (isOn) on++;
    const { window } = asked ?? {};
    return {
      index,
      label: asked?.label ?? (count === 1 ? "Intensity" : `Channel ${index}`),
      on: isOn,
      color: grey ? "FFFFFF" : (asked?.color ?? defaultColor(index, count)),
      window: window && { start: window.start, end: window.end },
      range: window && { min: Math.min(window.min, window.start), max: Math.max(window.max, window.end) },
      gamma: 1,
    };
  });
}
