import { guardedInteger, type JsonObject } from "../zarr/json.js";

/** The members of metadata that may be of any type until they are looked at, as what they should be, or undefined. */
export function asString(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A string that says something: empty names are as good as none. */
export function asName(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function asNumber(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** A whole number from 0 on. */
export function asCount(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** A whole number of any size. Those beyond 2^53 travel through JSON as marked strings. */
export function asInteger(value: unknown): number | bigint | undefined {
  return Number.isSafeInteger(value) ? (value as number) : guardedInteger(value);
}

export function asNumbers(value: unknown): number[] | undefined {
  return Array.isArray(value) && value.every((item) => asNumber(item) !== undefined) ? value : undefined;
}

/** A member of the object itself: one that is not written, `constructor` say, must not come from a prototype. */
export function member(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** A value as it would stand in a message: as JSON, cut where it is long. */
export function spell(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
