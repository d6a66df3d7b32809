import type { AbsolutePath } from "../store/store.js";
import { joinKey } from "../store/store-keys.js";
import { isJsonObject, type JsonObject } from "../zarr/json.js";
import type {
  Channel,
  ChannelWindow,
  Image,
  LabelColor,
  LabelImage,
  LabelProperties,
  Labels,
} from "./model.js";
import {
  asCount,
  asInteger,
  asName,
  asNumber,
  formatValue,
  member,
  omeMetadataOf,
  resolvePath,
} from "./ome-metadata.js";
import {
  LABEL_VALUE,
  OMERO_COLOR,
  type ReadContext,
  readPath,
  UNREADABLE_PART,
  unreadable,
} from "./read-context.js";
import { readMultiscale } from "./read-multiscale.js";

/**
 * Reads a group with `multiscales`: an image, or a label image where it has `image-label` too.
 *
 * @throws InvalidMetadataError when it has no readable resolution level
 */
export function readImage(context: ReadContext): Image | LabelImage {
  const { path, version, problems, attributes } = context;
  const list = member(attributes, "multiscales");
  if (!Array.isArray(list) || list.length === 0) {
    throw unreadable(context, "its multiscales are not a list with at least one image.");
  }
  const [first, ...others] = list.flatMap((value: unknown) => readMultiscale(value, context) ?? []);
  if (first === undefined) {
    const reasons = problems.map(({ message }) => message).join(" ");
    throw unreadable(context, reasons || "its axes are missing.");
  }
  const base = {
    path,
    version,
    problems,
    name: first.name,
    multiscales: [first, ...others],
    ...readOmero(context),
    labels: labelPathsOf(context),
  } as const;
  const imageLabel = member(attributes, "image-label");
  if (imageLabel === undefined) return { kind: "image", ...base };
  return {
    kind: "label-image",
    ...base,
    ...readImageLabel(isJsonObject(imageLabel) ? imageLabel : {}, context),
  };
}

/** Reads `omero` ("omero metadata", transitional): how channels are to be displayed. All its parts are optional. */
function readOmero(context: ReadContext): Pick<Image, "channels" | "defaults"> {
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
    context.report(UNREADABLE_PART, `The omero metadata of ${what} is not an object: ${formatValue(value)}.`);
    return { label: undefined, color: undefined, window: undefined, active: true };
  }
  const color = member(value, "color");
  const digits = typeof color === "string" ? /^#?([0-9A-Fa-f]{6})$/.exec(color)?.[1] : undefined;
  if (color !== undefined && (digits === undefined || color !== digits)) {
    context.report(
      typeof color === "string" ? OMERO_COLOR : UNREADABLE_PART,
      `The color of ${what} is not six hexadecimal digits: ${formatValue(color)}.`,
    );
  }
  const range = member(value, "window");
  const window = readWindow(range);
  if (range !== undefined && window === undefined) {
    context.report(UNREADABLE_PART, `The window of ${what} has no start and end: ${formatValue(range)}.`);
  }
  return {
    label: asName(member(value, "label")),
    color: digits?.toUpperCase(),
    window,
    active: member(value, "active") !== false,
  };
}

/** Older writers omit `min` and `max`, or `start` and `end`; then one pair is used for both. */
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

/** Reads `image-label` ("labels metadata"): colours, properties and the segmented image. */
function readImageLabel(
  imageLabel: JsonObject,
  context: ReadContext,
): Pick<LabelImage, "colors" | "properties" | "source"> {
  return {
    colors: entriesOf(imageLabel, "colors", context).map(({ value, entry }): LabelColor => {
      const rgba = member(entry, "rgba");
      return { value, rgba: readRgba(rgba, value, context) };
    }),
    properties: entriesOf(imageLabel, "properties", context).map(({ value, entry }): LabelProperties => {
      const { "label-value": _value, ...properties } = entry;
      return { value, properties };
    }),
    source: resolvePath(context.path, writtenSource(imageLabel) ?? DEFAULT_SOURCE),
  };
}

/** The path of the segmented image as an `image-label` has it; undefined where it has none. */
export function writtenSource(imageLabel: JsonObject): string | undefined {
  const source = member(imageLabel, "source");
  const image = isJsonObject(source) ? member(source, "image") : undefined;
  return typeof image === "string" ? image : undefined;
}

/** By default, the image is two groups above its label image. */
const DEFAULT_SOURCE = "../../";

function entriesOf(
  imageLabel: JsonObject,
  key: "colors" | "properties",
  { path, report }: ReadContext,
): { value: number | bigint; entry: JsonObject }[] {
  const list = member(imageLabel, key);
  if (list === undefined) return [];
  if (!Array.isArray(list)) {
    report(UNREADABLE_PART, `The ${key} of the label image ${path} are not a list.`);
    return [];
  }
  return list.flatMap((entry: unknown) => {
    const value = isJsonObject(entry) ? asInteger(member(entry, "label-value")) : undefined;
    if (isJsonObject(entry) && value !== undefined) return [{ value, entry }];
    report(
      LABEL_VALUE,
      `One of the ${key} of ${path} has no whole number as label-value: ${formatValue(entry)}.`,
    );
    return [];
  });
}

function readRgba(rgba: unknown, value: number | bigint, { path, report }: ReadContext): LabelColor["rgba"] {
  if (rgba === undefined) return undefined;
  const [r, g, b, a, ...rest] = Array.isArray(rgba) ? rgba.map(asByte) : [];
  if (r !== undefined && g !== undefined && b !== undefined && a !== undefined && rest.length === 0) {
    return [r, g, b, a];
  }
  report(
    UNREADABLE_PART,
    `The color of label ${value} in ${path} is not four numbers from 0 to 255: ${formatValue(rgba)}.`,
  );
  return undefined;
}

function asByte(value: unknown): number | undefined {
  const byte = asCount(value);
  return byte !== undefined && byte <= 255 ? byte : undefined;
}

/**
 * Reads the group `labels` ("labels metadata"), which lists the label images below it.
 *
 * @throws InvalidMetadataError when `labels` is not a list
 */
export function readLabels(context: ReadContext): Labels {
  const { path, version, problems, attributes } = context;
  const list = member(attributes, "labels");
  if (!Array.isArray(list))
    throw unreadable(context, `its labels are ${formatValue(list)}, which is not a list.`);
  const labels = list.flatMap(
    (name: unknown) => readPath(name, () => `A label image of ${path}`, context) ?? [],
  );
  return { kind: "labels", path, version, problems, labels: [...new Set(labels)] };
}

/**
 * The paths of the label images of an image; empty where its group `labels` is missing. What is wrong with them is a problem
 * of that group.
 */
function labelPathsOf({ hierarchy, path: image }: ReadContext): AbsolutePath[] {
  const path = joinKey(image, "labels");
  const node = hierarchy.nodes.get(path);
  const attributes = node && omeMetadataOf(node)?.attributes;
  const list = attributes && member(attributes, "labels");
  if (!Array.isArray(list)) return [];
  const group = { hierarchy, path, report: () => {} };
  const labels = list.flatMap(
    (name: unknown) => readPath(name, () => `A label image of ${path}`, group) ?? [],
  );
  return [...new Set(labels)];
}
