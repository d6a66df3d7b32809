import { defaultColor, type Image, type JsonObject, type LabelImage, UsageError } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import { formatNames, isChannelAxis, member } from "@ozx/core/internal";
import { usualRange } from "../create/image-options.js";
import type { ChannelEdit } from "./edit-request.js";

/**
 * `omero` with other channels ("omero metadata", transitional). The list is by position along the axis of channels, so
 * where there is none yet, all channels get a colour and a window, which the schemas require.
 *
 * @param omero as it is written; undefined where the image has none
 * @param location the image in messages
 * @throws UsageError for a channel that the image does not have, or a value that none can have
 */
export function withChannels(
  omero: unknown,
  image: Image | LabelImage,
  edits: readonly ChannelEdit[],
  location: string,
): JsonObject {
  const written = isJsonObject(omero) ? member(omero, "channels") : undefined;
  const channels: unknown[] = Array.isArray(written) ? [...written] : [];
  const count = Math.max(channels.length, channelCount(image));
  const dtype = image.multiscales[0].levels[0]?.array?.array.dtype ?? "";
  // Found before any is renamed, so that two can swap their names.
  const found = edits.map((edit) => [edit, indexOf(edit.channel, image, count, location)] as const);
  for (let index = channels.length; index < count; index++) channels.push(newChannel(index, count, dtype));
  for (const [edit, index] of found) {
    const channel = channels[index];
    channels[index] = editChannel(
      isJsonObject(channel) ? channel : newChannel(index, count, dtype),
      edit,
      dtype,
    );
  }
  return { ...(isJsonObject(omero) ? omero : {}), channels };
}

/** The extent of the axis of channels; 1 without one. */
export function channelCount({ multiscales: [{ axes, levels }] }: Image | LabelImage): number {
  const axis = axes.findIndex(isChannelAxis);
  return axis < 0 ? 1 : (levels[0]?.array?.array.shape[axis] ?? 1);
}

/** The most channels that are described: a list of them is made for an image that has none. */
const MOST_CHANNELS = 10_000;

function indexOf(
  channel: number | string,
  image: Image | LabelImage,
  count: number,
  location: string,
): number {
  if (count > MOST_CHANNELS)
    throw new UsageError(`${location} has ${count} channels, and up to ${MOST_CHANNELS} can be described`);
  const labels = image.channels.map(({ label }) => label);
  // A name such as 488 looks like a number: it is a name where there is no such channel.
  const isNumber = typeof channel === "number" && (channel < count || !labels.includes(String(channel)));
  const index = isNumber ? channel : labels.indexOf(String(channel));
  if (!isNumber && index >= 0 && labels.indexOf(String(channel), index + 1) >= 0) {
    throw new UsageError(
      `${location} has several channels called ${channel}: give one by its number, as in ${index}:name=DNA`,
    );
  }
  if (Number.isSafeInteger(index) && index >= 0 && index < count) return index;
  const names = labels.filter((label) => label !== undefined);
  const known = names.length === 0 ? "" : `, called ${formatNames(names)}`;
  const range = count === 1 ? "one channel, 0" : `the channels 0 to ${count - 1}`;
  const hint = isNumber ? "" : "; one can also be given by its number, as in 0:name=DNA";
  throw new UsageError(`${location} has no channel ${channel}: it has ${range}${known}${hint}`);
}

function newChannel(index: number, count: number, dtype: string): JsonObject {
  const [min, max] = usualRange(dtype);
  return {
    color: defaultColor(index, count),
    active: true,
    window: { start: min, end: max, min, max },
  };
}

function editChannel(channel: JsonObject, edit: ChannelEdit, dtype: string): JsonObject {
  const { name, color, window, active } = edit;
  if (color !== undefined && !/^[0-9A-Fa-f]{6}$/.test(color))
    throw new UsageError(`the colour ${color} is not six hexadecimal digits, as in 00FFFF`);
  return {
    ...channel,
    ...(name !== undefined && { label: name }),
    ...(color !== undefined && { color: color.toUpperCase() }),
    ...(window !== undefined && { window: withWindow(channel["window"], window, dtype) }),
    ...(active !== undefined && { active }),
  };
}

/** The limits of the slider contain the window. */
function withWindow(
  written: unknown,
  { start, end }: { readonly start: number; readonly end: number },
  dtype: string,
): JsonObject {
  if (!(Number.isFinite(start) && Number.isFinite(end) && start <= end))
    throw new UsageError(
      `the window ${start}..${end} must go from a smaller to a larger number, as in 0..700`,
    );
  const before = isJsonObject(written) ? written : {};
  const [least, most] = usualRange(dtype);
  const { min = least, max = most } = before;
  return {
    ...before,
    start,
    end,
    min: typeof min === "number" ? Math.min(min, start) : start,
    max: typeof max === "number" ? Math.max(max, end) : end,
  };
}
