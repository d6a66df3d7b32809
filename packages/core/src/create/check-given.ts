import type { NewImageOptions } from "./image-options.js";

const IMAGE_OPTIONS: ReadonlySet<string> = new Set([
  ...["axes", "shape", "dtype", "scale", "translation", "unit", "name", "channels", "levels"],
  ...["chunks", "shards", "codec", "work"],
]);

/**
 * Throws for what no type checker would let through, since most callers have none: options that are missing, of
 * another kind, or misspelt; and for scales that are no sizes.
 *
 * @throws RangeError saying which and what it should be
 */
export function checkGivenImage(image: NewImageOptions): void {
  if (!isObject(image)) throw new RangeError("an image needs its axes, shape and dtype, as an object");
  const unknown = Object.keys(image).find((key) => !IMAGE_OPTIONS.has(key));
  if (unknown !== undefined) {
    throw new RangeError(
      `an image has no option "${unknown}"; there are ${[...IMAGE_OPTIONS].filter((key) => key !== "work").join(", ")}`,
    );
  }
  const { axes, shape, dtype, scale, translation, unit, chunks, shards, channels, name } = image;
  checkAxes(axes);
  refuseOtherList("shape", shape, "of pixels, one number an axis");
  refuseOther("dtype", dtype, "as in uint16");
  for (const [what, list] of Object.entries({ scale, translation, chunks, shards, channels })) {
    if (list !== undefined) refuseOtherList(what, list, "with one member an axis (or channel)");
  }
  if (unit !== undefined) refuseOther("unit", unit, "as in micrometer");
  if (name !== undefined && typeof name !== "string")
    throw new RangeError(`name must be a string, and ${spell(name)} is none`);
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
  throw new RangeError(`${what} must be an array ${of}, and ${spell(value)} is none`);
}

function checkAxes(axes: unknown): void {
  refuseOtherList("axes", axes, 'of names, as in ["c", "y", "x"]');
  for (const axis of axes as readonly unknown[]) {
    const { name, type, unit }: Record<string, unknown> = isObject(axis) ? axis : { name: axis };
    refuseOther("the name of an axis", name, "as in y");
    if (type !== undefined) refuseOther(`the type of the axis ${name}`, type, "as in space");
    if (unit !== undefined) refuseOther(`the unit of the axis ${name}`, unit, "as in micrometer");
  }
}

function refuseOther(what: string, value: unknown, example: string): void {
  if (typeof value === "string" && value !== "") return;
  throw new RangeError(`${what} must be a string ${example}, and ${spell(value)} is none`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function spell(value: unknown): string {
  return value === undefined ? "what is missing" : (JSON.stringify(value) ?? typeof value);
}
