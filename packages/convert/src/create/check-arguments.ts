import { isUnit, rejectUnknownOptions, unitFromSpelling } from "@ozx/core/internal";
import { type NewImageOptions, resolveAxes, type StorageOptions } from "./image-options.js";

const STORAGE_OPTIONS = ["chunks", "shards", "codec", "workers"] as const satisfies (keyof StorageOptions)[];
/** The names of what `createImage` takes. */
export const IMAGE_OPTIONS: readonly (keyof NewImageOptions)[] = [
  "axes",
  "shape",
  "dtype",
  "scale",
  "translation",
  "unit",
  "name",
  "channels",
  "levels",
  ...STORAGE_OPTIONS,
];
/** Those that there are of labels. */
export const LABELS_OPTIONS: readonly string[] = [
  "dtype",
  "name",
  "colors",
  "properties",
  ...STORAGE_OPTIONS,
];

/**
 * Throws for what no type checker would let through, since most callers have none: options that are missing, of
 * another kind, or misspelt; and for scales that are no sizes.
 *
 * @throws RangeError saying which and what it should be
 * @throws UsageError for options that there are none of
 */
export function checkImageArguments(image: NewImageOptions): void {
  if (!isObject(image)) throw new RangeError("an image needs its axes, shape and dtype, as an object");
  rejectUnknownOptions("an image", image, IMAGE_OPTIONS);
  const { axes, shape, dtype, scale, translation, unit, chunks, shards, channels, name } = image;
  checkAxes(axes);
  refuseOtherList("shape", shape, "of pixels, one number an axis");
  refuseOtherText("dtype", dtype, "as in uint16");
  for (const [what, list] of Object.entries({ scale, translation, chunks, shards, channels })) {
    if (list !== undefined) refuseOtherList(what, list, "with one member an axis (or channel)");
  }
  if (unit !== undefined) refuseOtherText("unit", unit, "as in micrometer");
  for (const axis of resolveAxes(image)) checkUnit(axis);
  for (const channel of channels ?? []) checkChannel(channel);
  if (name !== undefined && typeof name !== "string")
    throw new RangeError(`name must be a string, and ${formatArgument(name)} is none`);
  if (scale?.some((size) => !Number.isFinite(size) || size <= 0)) {
    throw new RangeError(`scale must be finite numbers above 0, not ${scale.join(", ")}`);
  }
  if (translation?.some((place) => !Number.isFinite(place))) {
    throw new RangeError(`translation must be finite numbers, not ${translation.join(", ")}`);
  }
}

/** Throws `RangeError` for what is no list. */
export function refuseOtherList(what: string, value: unknown, of: string): void {
  if (Array.isArray(value)) return;
  throw new RangeError(`${what} must be an array ${of}, and ${formatArgument(value)} is none`);
}

function checkAxes(axes: unknown): void {
  refuseOtherList("axes", axes, 'of names, as in ["c", "y", "x"]');
  for (const axis of axes as readonly unknown[]) {
    const { name, type, unit }: Record<string, unknown> = isObject(axis) ? axis : { name: axis };
    if (isObject(axis)) rejectUnknownOptions("an axis", axis, ["name", "type", "unit"]);
    refuseOtherText("the name of an axis", name, "as in y");
    if (type !== undefined) refuseOtherText(`the type of the axis ${name}`, type, "as in space");
    if (unit !== undefined) refuseOtherText(`the unit of the axis ${name}`, unit, "as in micrometer");
  }
}

/** The specification only recommends its list, and no reader knows any other unit. */
function checkUnit({ name, type, unit }: ReturnType<typeof resolveAxes>[number]): void {
  if ((type !== "space" && type !== "time") || unit === undefined || isUnit(type, unit)) return;
  const meant = unitFromSpelling(type, unit);
  const example = type === "space" ? "micrometer" : "second";
  throw new RangeError(
    `"${unit}" is no unit of ${type} in the specification's list (axis ${name}): ${meant === undefined ? `write one as ${example}, or leave it out` : `write ${meant}`}`,
  );
}

function checkChannel(channel: unknown): void {
  if (typeof channel === "string") return;
  if (!isObject(channel)) {
    throw new RangeError(
      `a channel must be its label, as in "DNA", or an object, as in { label: "DNA", color: "00FFFF" }, and ${formatArgument(channel)} is neither`,
    );
  }
  rejectUnknownOptions("a channel", channel, ["label", "color", "window"]);
  for (const [what, example] of [
    ["label", "as in DNA"],
    ["color", "as in 00FFFF"],
  ] as const) {
    const value = channel[what];
    if (value !== undefined && typeof value !== "string")
      refuseOtherText(`the ${what} of a channel`, value, example);
  }
}

function refuseOtherText(what: string, value: unknown, example: string): void {
  if (typeof value === "string" && value !== "") return;
  throw new RangeError(`${what} must be a string ${example}, and ${formatArgument(value)} is none`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function formatArgument(value: unknown): string {
  return value === undefined ? "what is missing" : (JSON.stringify(value) ?? typeof value);
}
