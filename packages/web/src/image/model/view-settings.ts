import type { OpenImage } from "@ozx/core";
import { displayedChannels } from "@ozx/core/internal";
import { axisRoles } from "../tiles/image-plane.js";
import { largestLevel } from "./largest-level.js";

/** Viv's shaders draw at most ten channels. */
export const MAX_CHANNELS = 10;

/** How one channel is shown. */
export interface ChannelSetting {
  readonly index: number;
  readonly label: string;
  readonly on: boolean;
  /** Six hexadecimal digits, as in `FF8000`. */
  readonly color: string;
  /** The identifier of a colour ramp in place of the colour. */
  readonly ramp?: string | undefined;
  /** The values shown as black and as full colour; undefined until they are computed from the pixels. */
  readonly window: { readonly start: number; readonly end: number } | undefined;
  /** The range of the sliders. */
  readonly range: { readonly min: number; readonly max: number } | undefined;
  readonly gamma: number;
}

/** How a label image is shown over the image. */
export interface LabelSetting {
  /** Position in the image's `labels`. */
  readonly index: number;
  readonly on: boolean;
  /** From 0 to 1. */
  readonly opacity: number;
}

/** How an image is shown: the slice, its channels and its label images. */
export interface ViewSettings {
  /** The position along each axis that is not drawn, by its name. */
  readonly slice: Readonly<Record<string, number>>;
  readonly channels: readonly ChannelSetting[];
  /** One for each label image. Those further down are drawn over the others. */
  readonly labels: readonly LabelSetting[];
}

/** A change of the settings. */
export type SettingsAction =
  | { readonly type: "slice"; readonly axis: string; readonly position: number }
  | { readonly type: "channel"; readonly index: number; readonly change: Partial<ChannelSetting> }
  | { readonly type: "label"; readonly index: number; readonly change: Partial<LabelSetting> }
  | { readonly type: "restore"; readonly settings: ViewSettings };

/** Applies a change. Turning on an eleventh channel has no effect. */
export function settingsReducer(settings: ViewSettings, action: SettingsAction): ViewSettings {
  switch (action.type) {
    case "slice":
      return { ...settings, slice: { ...settings.slice, [action.axis]: action.position } };
    case "label":
      return {
        ...settings,
        labels: settings.labels.map((one) =>
          one.index === action.index ? { ...one, ...action.change } : one,
        ),
      };
    case "restore":
      return action.settings;
    case "channel": {
      const isFull = settings.channels.filter(({ on }) => on).length >= MAX_CHANNELS;
      return {
        ...settings,
        channels: settings.channels.map((channel) => {
          if (channel.index !== action.index) return channel;
          const refused = isFull && !channel.on && action.change.on === true;
          return refused ? channel : { ...channel, ...action.change };
        }),
      };
    }
  }
}

/** The settings that the image's `omero` metadata asks for, with defaults for what it does not specify. */
export function initialSettings(image: OpenImage): ViewSettings {
  const { shape } = largestLevel(image);
  const roles = axisRoles(image.axes);
  const { defaults } = image.model;
  const slice: Record<string, number> = {};
  for (const at of roles.others) {
    const name = image.axes[at]?.name ?? "";
    const size = shape[at] ?? 1;
    const requested = name === "z" ? (defaults.z ?? Math.floor(size / 2)) : name === "t" ? defaults.t : 0;
    slice[name] = Math.min(requested ?? 0, size - 1);
  }
  const labels = image.labels.map((_, index) => ({ index, on: false, opacity: 0.5 }));
  return { slice, channels: initialChannels(image), labels };
}

/** Of channels that are not described, as many are shown as are told apart. */
const FIRST_CHANNELS = 4;

function initialChannels(image: OpenImage): ChannelSetting[] {
  const { axes, channels, model } = image;
  const { shape, dtype } = largestLevel(image);
  const { channel: axis } = axisRoles(axes);
  const count = axis === undefined ? 1 : (shape[axis] ?? 1);
  const all = displayedChannels({ channels, count, dtype, model: model.defaults.model });
  let on = 0;
  return all.map(({ index, label, color, window, active }) => {
    const isFirst = channels[index] !== undefined || index < FIRST_CHANNELS;
    const isOn = active && isFirst && on < MAX_CHANNELS;
    if (isOn) on++;
    return {
      index,
      label: label ?? (all.length === 1 ? "Intensity" : `Channel ${index}`),
      on: isOn,
      color,
      window: window && { start: window.start, end: window.end },
      range: window && { min: Math.min(window.min, window.start), max: Math.max(window.max, window.end) },
      gamma: 1,
    };
  });
}
