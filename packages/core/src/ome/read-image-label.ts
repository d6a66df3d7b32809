import { isJsonObject, type JsonObject } from "../zarr/json.js";
import type { ReadContext } from "./context.js";
import type { LabelColor, LabelImage, LabelProperties } from "./model.js";
import { LABEL_VALUE, UNREADABLE_PART } from "./problem.js";
import { resolvePath } from "./resolve-path.js";
import { asCount, asInteger, member, spell } from "./values.js";

/** Reads `image-label` ("labels metadata"): colours, properties and the image it belongs to. */
export function readImageLabel(
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

/** Where an `image-label` says that its image is, undefined where it does not say. */
export function writtenSource(imageLabel: JsonObject): string | undefined {
  const source = member(imageLabel, "source");
  const image = isJsonObject(source) ? member(source, "image") : undefined;
  return typeof image === "string" ? image : undefined;
}

/** The image is two groups up where the metadata does not say otherwise. */
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
    report(LABEL_VALUE, `One of the ${key} of ${path} has no whole number as label-value: ${spell(entry)}.`);
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
    `The color of label ${value} in ${path} is not four numbers from 0 to 255: ${spell(rgba)}.`,
  );
  return undefined;
}

function asByte(value: unknown): number | undefined {
  const byte = asCount(value);
  return byte !== undefined && byte <= 255 ? byte : undefined;
}
