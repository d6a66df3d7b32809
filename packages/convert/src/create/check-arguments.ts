import { isUnit, rejectUnknownOptions, unitFromSpelling } from "@ozx/core/internal";
import { type NewImageOptions, resolveAxes, type StorageOptions } from "./image-options.js";

const STORAGE_OPTIONS = ["chunks", "shards", "codec", "workers"] as const satisfies (keyof StorageOptions)[];

/** The names of the options of `createImage`. */
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

/** The names of the options of label images. */
export const LABELS_OPTIONS: readonly string[] = [
  "dtype",
  "name",
  "colors",
  "properties",
  ...STORAGE_OPTIONS,
];

/**
 * Checks the types of all options, because many callers have no type checker, and the numbers of scale and translation.
 *
 * @throws RangeError naming an option that is missing or invalid, and what it should be
 * @throws UsageError for unknown options
 */
export function checkImageArguments(image: NewImageOptions): void {
  if (!isObject(image))
    throw new RangeError("an image needs its axes, shape and dtype, as members of an object");
  rejectUnknownOptions("an image", image, IMAGE_OPTIONS);
  const { axes, shape, dtype, scale, translation, unit, chunks, shards, channels, name } = image;
  checkAxes(axes);
  requireArray("shape", shape, "of sizes in pixels, one per axis");
  requireText("dtype", dtype, "such as uint16");
  for (const [what, list] of Object.entries({ scale, translation, chunks, shards })) {
    if (list !== undefined) requireArray(what, list, "of numbers, one per axis");
  }
  if (channels !== undefined) requireArray("channels", channels, "with one member per channel");
  if (unit !== undefined) requireText("unit", unit, "such as micrometer");
  for (const axis of resolveAxes(image)) checkUnit(axis);
  for (const channel of channels ?? []) checkChannel(channel);
  if (name !== undefined && typeof name !== "string") throw invalidArgument("name", "a string", name);
  if (scale?.some((size) => !Number.isFinite(size) || size <= 0)) {
    throw new RangeError(`scale must be finite numbers above 0, not ${scale.join(", ")}`);
  }
  if (translation?.some((offset) => !Number.isFinite(offset))) {
    throw new RangeError(`translation must be finite numbers, not ${translation.join(", ")}`);
  }
}

/**
 * @param what the option
 * @param of the members of the array, as the end of a sentence
 * @throws RangeError if the value is not an array
 */
export function requireArray(what: string, value: unknown, of: string): void {
  if (!Array.isArray(value)) throw invalidArgument(what, `an array ${of}`, value);
}

function checkAxes(axes: unknown): void {
  requireArray("axes", axes, 'of names, such as ["c", "y", "x"]');
  for (const axis of axes as readonly unknown[]) {
    const { name, type, unit }: Record<string, unknown> = isObject(axis) ? axis : { name: axis };
    if (isObject(axis)) rejectUnknownOptions("an axis", axis, ["name", "type", "unit"]);
    requireText("the name of an axis", name, "such as y");
    if (type !== undefined) requireText(`the type of the axis ${name}`, type, "such as space");
    if (unit !== undefined) requireText(`the unit of the axis ${name}`, unit, "such as micrometer");
  }
}

/** The specification only recommends its list of units, but readers do not know any others. */
function checkUnit({ name, type, unit }: ReturnType<typeof resolveAxes>[number]): void {
  if ((type !== "space" && type !== "time") || unit === undefined || isUnit(type, unit)) return;
  const meant = unitFromSpelling(type, unit);
  const example = type === "space" ? "micrometer" : "second";
  const hint = meant === undefined ? `write a unit such as ${example}, or leave it out` : `write ${meant}`;
  throw new RangeError(
    `"${unit}" is not a unit of ${type} in the specification's list (axis ${name}): ${hint}`,
  );
}

function checkChannel(channel: unknown): void {
  if (typeof channel === "string") return;
  if (!isObject(channel)) {
    const expected = 'its label, such as "DNA", or an object, such as { label: "DNA", color: "00FFFF" }';
    throw invalidArgument("a channel", expected, channel);
  }
  rejectUnknownOptions("a channel", channel, ["label", "color", "window"]);
  const texts = { label: "DNA", color: "00FFFF" };
  for (const [member, example] of Object.entries(texts)) {
    const value = channel[member];
    if (value === undefined || typeof value === "string") continue;
    throw invalidArgument(`the ${member} of a channel`, `a string such as ${example}`, value);
  }
}

function requireText(what: string, value: unknown, example: string): void {
  if (typeof value !== "string" || value === "") throw invalidArgument(what, `a string ${example}`, value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalidArgument(what: string, expected: string, value: unknown): RangeError {
  if (value === undefined) return new RangeError(`${what} is required: ${expected}`);
  return new RangeError(`${what} must be ${expected}, not ${JSON.stringify(value) ?? typeof value}`);
}
