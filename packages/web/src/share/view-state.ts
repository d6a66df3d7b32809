import type { OpenImage } from "@ozx/core";
import { formatMarks, type Mark, parseMarks } from "../image/measure/marks.js";
import { colorRamp } from "../image/model/color-ramps.js";
import { largestLevel } from "../image/model/largest-level.js";
import type { ShownAs } from "../image/model/shown-as.js";
import {
  type ChannelSetting,
  initialSettings,
  type LabelSetting,
  MAX_CHANNELS,
  type ViewSettings,
} from "../image/model/view-settings.js";
import type { Camera } from "../image/stage/scene.js";
import { formatMember, membersOf } from "../open/page-address.js";
import { formatShownAs, parseShownAs } from "./shown-as-state.js";

/** The view of an image, as it is kept in the page's address. */
export interface ViewState {
  /** The path of the image. */
  readonly image: string;
  /** Undefined for those that the image has at first. */
  readonly settings: ViewSettings | undefined;
  /** Undefined where the whole image is shown, whatever the size of the screen. */
  readonly camera: Camera | undefined;
  readonly marks?: readonly Mark[] | undefined;
  /** Undefined where the image is shown as a plane. */
  readonly shownAs?: ShownAs | undefined;
}

/**
 * Formats a view as the fragment of an address (after `#`), as in
 * `of=image.ozx&image=/&at.z=2&ch=0:3F7FFF:244:3160:1&label=0:0.5,2:1&view=256,256,0.5&3d=1`.
 *
 * @param name name of the open source; a view is only valid for the source that it was made for
 */
export function formatViewState(
  name: string,
  { image, settings, camera, marks = [], shownAs }: ViewState,
): string {
  const members = [formatMember("of", name), formatMember("image", image)];
  if (settings !== undefined) members.push(...formatSettings(settings));
  if (camera !== undefined)
    members.push(formatMember("view", [camera.x, camera.y, camera.zoom].map(short).join(",")));
  if (marks.length > 0) members.push(formatMember("marks", formatMarks(marks)));
  if (shownAs !== undefined) members.push(...formatShownAs(shownAs));
  return members.join("&");
}

function formatSettings({ slice, channels, labels }: ViewSettings): string[] {
  const on = channels.filter((channel) => channel.on);
  const members = [
    ...Object.entries(slice).map(([axis, position]) => formatMember(`at.${axis}`, String(position))),
    formatMember("ch", on.map(formatChannel).join(",")),
  ];
  const over = labels.filter((label) => label.on);
  if (over.length > 0) {
    members.push(
      formatMember("label", over.map(({ index, opacity }) => `${index}:${short(opacity)}`).join(",")),
    );
  }
  return members;
}

/** Parses a fragment by {@link formatViewState}. Settings that do not fit the image keep their initial values. */
export function parseViewState(
  hash: string,
  name: string,
  image: OpenImage,
): Partial<Omit<ViewState, "image">> {
  const members = membersOf(hash, name);
  if (members.get("image") !== image.path) return {};
  const initial = initialSettings(image);
  const slice = { ...initial.slice };
  const { shape } = largestLevel(image);
  for (const [index, { name: axis }] of image.axes.entries()) {
    const position = Number(members.get(`at.${axis}`) ?? Number.NaN);
    if (axis in slice && Number.isInteger(position) && position >= 0 && position < (shape[index] ?? 0))
      slice[axis] = position;
  }
  return {
    settings: {
      slice,
      channels: parseChannels(members.get("ch"), initial.channels),
      labels: parseLabels(members.get("label"), initial.labels),
    },
    camera: parseCamera(members.get("view")),
    marks: parseMarks(members.get("marks")),
    shownAs: parseShownAs(members, image),
  };
}

function formatChannel({ index, color, ramp, window, gamma }: ChannelSetting): string {
  const members = [index, color, short(window?.start), short(window?.end), short(gamma)];
  return [...members, ...(ramp === undefined ? [] : [ramp])].join(":");
}

function parseChannels(text: string | null, channels: readonly ChannelSetting[]): ChannelSetting[] {
  if (text === null) return [...channels];
  const specified = new Map(
    text
      .split(",")
      .slice(0, MAX_CHANNELS)
      .map((one) => [Number(one.split(":", 1)[0] || "NaN"), one.split(":")]),
  );
  return channels.map((channel) => {
    const [, color = "", ...numbers] = specified.get(channel.index) ?? [];
    if (!specified.has(channel.index)) return { ...channel, on: false };
    const ramp = colorRamp(numbers[3])?.id;
    const [start = Number.NaN, end = Number.NaN, gamma = Number.NaN] = numbers.map((part) =>
      Number(part || "NaN"),
    );
    const window = start < end ? { start, end } : channel.window;
    const range = channel.range ?? (window && { min: window.start, max: window.end });
    return {
      ...channel,
      on: true,
      color: /^[0-9A-F]{6}$/i.test(color) ? color.toUpperCase() : channel.color,
      window,
      range,
      gamma: within(gamma, 0.1, 10) ?? channel.gamma,
      ...(ramp !== undefined && { ramp }),
    };
  });
}

function parseLabels(text: string | null, labels: readonly LabelSetting[]): LabelSetting[] {
  const opacities = new Map(
    (text ?? "").split(",").map((one) => {
      const [index = "", opacity = ""] = one.split(":");
      return [index, opacity] as const;
    }),
  );
  return labels.map((label) => {
    const key = String(label.index);
    if (!opacities.has(key)) return label;
    const opacity = within(Number(opacities.get(key) || "NaN"), 0, 1) ?? label.opacity;
    return { ...label, on: true, opacity };
  });
}

function parseCamera(text: string | null): Camera | undefined {
  const [x = Number.NaN, y = Number.NaN, zoom = Number.NaN] = (text ?? "")
    .split(",")
    .map((part) => Number(part || "NaN"));
  return Number.isFinite(x + y) && within(zoom, -40, 10) !== undefined ? { x, y, zoom } : undefined;
}

function within(value: number, least: number, most: number): number | undefined {
  return value >= least && value <= most ? value : undefined;
}

/** A number with at most seven significant digits; empty where undefined. */
function short(value: number | undefined): string {
  return value === undefined ? "" : String(Number(value.toPrecision(7)));
}
