import { isJsonObject, type JsonObject } from "../zarr/json.js";
import type { ReadContext } from "./context.js";
import type { Channel, ChannelWindow, Image } from "./model.js";
import { OMERO_COLOR, UNREADABLE_PART } from "./problem.js";
import { asCount, asName, asNumber, member, spell } from "./values.js";

/** Reads `omero` ("omero metadata", transitional): how channels ask to be shown. It is optional in all its parts. */
export function readOmero(context: ReadContext): Pick<Image, "channels" | "defaults"> {
  const omero = member(context.attributes, "omero");
  const channels = isJsonObject(omero) ? member(omero, "channels") : undefined;
  const rendering = isJsonObject(omero) ? member(omero, "rdefs") : undefined;
  if (omero !== undefined && !Array.isArray(channels)) {
    context.report(UNREADABLE_PART, `The omero metadata of the image ${context.path} lists no channels.`);
  }
  return {
    channels: Array.isArray(channels) ? channels.map((channel, i) => readChannel(channel, i, context)) : [],
    defaults: readDefaults(isJsonObject(rendering) ? rendering : {}),
  };
}

function readChannel(value: unknown, index: number, context: ReadContext): Channel {
  const what = `channel ${index} of the image ${context.path}`;
  if (!isJsonObject(value)) {
    context.report(UNREADABLE_PART, `The omero metadata of ${what} is not an object: ${spell(value)}.`);
    return { label: undefined, color: undefined, window: undefined, active: true };
  }
  const color = member(value, "color");
  const digits = typeof color === "string" ? /^#?([0-9A-Fa-f]{6})$/.exec(color)?.[1] : undefined;
  if (color !== undefined && (digits === undefined || color !== digits)) {
    context.report(
      typeof color === "string" ? OMERO_COLOR : UNREADABLE_PART,
      `The color of ${what} is not six hexadecimal digits: ${spell(color)}.`,
    );
  }
  const range = member(value, "window");
  const window = readWindow(range);
  if (range !== undefined && window === undefined) {
    context.report(UNREADABLE_PART, `The window of ${what} has no start and end: ${spell(range)}.`);
  }
  return {
    label: asName(member(value, "label")),
    color: digits?.toUpperCase(),
    window,
    active: member(value, "active") !== false,
  };
}

/** Windows of older writers have no `min` and `max`, or no `start` and `end`; one pair does for the other. */
function readWindow(value: unknown): ChannelWindow | undefined {
  if (!isJsonObject(value)) return undefined;
  const [start, end, min, max] = ["start", "end", "min", "max"].map((key) => asNumber(member(value, key)));
  const from = start ?? min;
  const to = end ?? max;
  if (from === undefined || to === undefined) return undefined;
  return { start: from, end: to, min: min ?? from, max: max ?? to };
}

function readDefaults(rendering: JsonObject): Image["defaults"] {
  const model = member(rendering, "model");
  return {
    t: asCount(member(rendering, "defaultT")),
    z: asCount(member(rendering, "defaultZ")),
    model: model === "color" || model === "greyscale" ? model : undefined,
  };
}
