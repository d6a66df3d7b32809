import { InvalidMetadataError } from "../errors.js";

/** A JSON object of which nothing is known yet. */
export type JsonObject = { readonly [key: string]: unknown };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Parses a metadata document that must be a JSON object.
 *
 * @throws InvalidMetadataError naming the document
 */
export function parseJsonObject(bytes: Uint8Array, place: { location: string; path: string }): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(guardIntegers(UTF8.decode(bytes)));
  } catch (cause) {
    throw new InvalidMetadataError(
      `${place.path} in ${place.location} is not JSON: ${cause instanceof Error ? cause.message : cause}`,
      place,
      { cause },
    );
  }
  if (isJsonObject(value)) return value;
  throw new InvalidMetadataError(`${place.path} in ${place.location} is not a JSON object`, place);
}

/** Writes a document as zarr-python does: two spaces of indent, no newline at the end. */
export function stringifyJson(value: JsonObject): Uint8Array {
  const text = JSON.stringify(value, guardZero, 2).replace(GUARDED_NUMBER, "$1");
  return new TextEncoder().encode(text);
}

/** The zero of floats below zero, of which `JSON.stringify` would make the other one: a fill value may be it. */
function guardZero(_: string, value: unknown): unknown {
  return Object.is(value, -0) ? "\u0000integer:-0.0" : value;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Integers beyond 2^53 (a uint64 fill value, an id in somebody's attributes) would change on their way
 * through `JSON.parse`; they travel as marked strings, and `stringifyJson` turns them back.
 */
function guardIntegers(text: string): string {
  // Thousands of documents of a plate have none; looking for one is twenty times faster than looking at all.
  if (!LONG_DIGITS.test(text)) return text;
  return text.replace(STRING_OR_NUMBER, (token) =>
    INTEGER.test(token) && !Number.isSafeInteger(Number(token)) ? `"\\u0000integer:${token}"` : token,
  );
}

/** A string without an end reaches to the end of the text, so that no text is searched twice. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.?[^"\\]*)*(?:"|$)|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs;
const LONG_DIGITS = /\d{16}/;
const INTEGER = /^-?[1-9]\d{15,}$/;
const GUARDED_NUMBER = /"\\u0000integer:(-0\.0|-?\d+)"/g;

/** The integer that a guarded value stands for, or undefined for any other value. */
export function guardedInteger(value: unknown): bigint | undefined {
  const digits = typeof value === "string" ? GUARDED.exec(value)?.[1] : undefined;
  return digits === undefined ? undefined : BigInt(digits);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: no writer of metadata begins a text with NUL
const GUARDED = /^\u0000integer:(-?\d+)$/;

/** A value as its document has it, for messages. */
export function formatJson(value: unknown): string {
  return JSON.stringify(value)?.replace(GUARDED_NUMBER, "$1") ?? "nothing";
}

/** The object without one of its members. */
export function omitMember(object: JsonObject, name: string): JsonObject {
  const { [name]: _left, ...rest } = object;
  return rest;
}

/**
 * A list of whole numbers, as shapes and chunk shapes are.
 *
 * @throws InvalidMetadataError naming the member
 */
export function requireExtents(
  value: unknown,
  member: string,
  place: { location: string; path: string },
  { length, least = 0 }: { length?: number; least?: number } = {},
): number[] {
  const valid =
    Array.isArray(value) &&
    value.every((n) => Number.isSafeInteger(n) && n >= least) &&
    value.length === (length ?? value.length);
  if (valid) return value;
  const tooLarge = Array.isArray(value) && value.find((n) => guardedInteger(n) !== undefined);
  if (tooLarge) {
    throw new InvalidMetadataError(
      `the ${member} of ${place.path} in ${place.location} has the extent ${formatJson(tooLarge)}, which is larger than any array can be`,
      place,
    );
  }
  const expected = length === undefined ? "whole numbers" : `${length} whole numbers`;
  throw new InvalidMetadataError(
    `the ${member} of ${place.path} in ${place.location} must be a list of ${expected} from ${least} on, not ${formatJson(value)}`,
    place,
  );
}
