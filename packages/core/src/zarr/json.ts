import { InvalidMetadataError, reasonOf } from "../errors.js";

/** A JSON object whose members may be of any type. */
export type JsonObject = { readonly [key: string]: unknown };

/** Where a metadata document is, for errors. */
export interface DocumentLocation {
  /** The store's name. */
  readonly location: string;
  /** The document's path in the store, without a `/` at its start. */
  readonly path: string;
}

/** Whether a value is a JSON object, not a list or null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The deepest nesting of a metadata document: `JSON.parse` accepts a hundred thousand brackets, recursion does not. */
const DEEPEST = 500;

/** The most lists and objects in a document: a plate of a million wells has fewer, and each takes fifty times its brackets. */
const MOST_BRACKETS = 5_000_000;

/** Documents in which NaN or Infinity stood bare. */
const LAX = new WeakSet<JsonObject>();

/**
 * Whether a document that {@link parseJsonObject} parsed has NaN or Infinity in it, as zarr-python writes on purpose. They
 * are no JSON, so the document must be written again: {@link stringifyJson} writes them as texts, which zarr-python reads
 * back.
 */
export function isLaxJson(document: JsonObject): boolean {
  return LAX.has(document);
}

/**
 * Parses a metadata document, which must be a JSON object. A bare `NaN`, `Infinity` or `-Infinity` becomes the text.
 *
 * Integers beyond 2^53 become marked strings; see `guardedInteger`.
 *
 * @throws InvalidMetadataError naming the document
 */
export function parseJsonObject(bytes: Uint8Array, where: DocumentLocation): JsonObject {
  const brackets = countBrackets(bytes);
  if (brackets > MOST_BRACKETS) {
    throw new InvalidMetadataError(
      `${where.path} in ${where.location} has ${brackets} lists and objects, and metadata is read with up to ${MOST_BRACKETS}: remove what is not needed to read the image`,
      where,
    );
  }
  let value: unknown;
  let isLax = false;
  try {
    const text = guardIntegers(UTF8.decode(bytes));
    try {
      value = JSON.parse(text);
    } catch (cause) {
      if (!BARE_NUMBER.test(text)) throw cause;
      value = JSON.parse(quoteBareNumbers(text));
      isLax = true;
    }
  } catch (cause) {
    throw new InvalidMetadataError(
      `${where.path} in ${where.location} is not JSON: ${reasonOf(cause)}`,
      where,
      { cause },
    );
  }
  // Nearly all documents have few, and need not be walked.
  if (brackets > DEEPEST && isDeeper(value, DEEPEST)) {
    throw new InvalidMetadataError(
      `${where.path} in ${where.location} is nested more than ${DEEPEST} levels deep, as no metadata is`,
      where,
    );
  }
  if (!isJsonObject(value)) {
    throw new InvalidMetadataError(`${where.path} in ${where.location} is not a JSON object`, where);
  }
  if (isLax) LAX.add(value);
  return value;
}

const BARE_NUMBER = /NaN|Infinity/;
const STRING_OR_BARE = /"[^"\\]*(?:\\.?[^"\\]*)*(?:"|$)|-?(?:NaN|Infinity)\b/gs;

function quoteBareNumbers(text: string): string {
  return text.replace(STRING_OR_BARE, (token) => (token.startsWith('"') ? token : `"${token}"`));
}

function countBrackets(bytes: Uint8Array): number {
  if (bytes.length <= DEEPEST) return 0;
  let count = 0;
  for (const byte of bytes) if (byte === 0x5b || byte === 0x7b) count++;
  return count;
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (depth === 0) return true;
  const items: unknown[] = Array.isArray(value) ? value : Object.values(value);
  return items.some((item) => isDeeper(item, depth - 1));
}

/** Writes a document as zarr-python does: two spaces of indent, no newline at the end. */
export function stringifyJson(value: JsonObject): Uint8Array {
  const text = JSON.stringify(value, guardZero, 2).replace(GUARDED_NUMBER, "$1");
  return new TextEncoder().encode(text);
}

/** Writes a document with bare NaN and Infinity in place of such texts, so that it is lax when it is parsed again. */
export function stringifyLaxJson(value: JsonObject): Uint8Array {
  const text = new TextDecoder().decode(stringifyJson(value));
  return new TextEncoder().encode(
    text.replace(STRING_AND_COLON, (token, string: string, colon = "") =>
      colon === "" && /^"(?:NaN|-?Infinity)"$/.test(string) ? string.slice(1, -1) : token,
    ),
  );
}

/** A string, and the colon behind it where it is the name of a member. */
const STRING_AND_COLON = /("[^"\\]*(?:\\.[^"\\]*)*")(:)?/gs;

/** `JSON.stringify` writes -0 as 0, and a fill value may be -0. */
function guardZero(_: string, value: unknown): unknown {
  return Object.is(value, -0) ? "\u0000integer:-0.0" : value;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Integers beyond 2^53 (a uint64 fill value, an id in attributes) lose digits in `JSON.parse`, so they are parsed as
 * marked strings, which `stringifyJson` writes as integers again.
 */
function guardIntegers(text: string): string {
  // Nearly all documents have none, and this test is twenty times faster than the replacement.
  if (!LONG_DIGITS.test(text)) return text;
  return text.replace(STRING_OR_NUMBER, (token) =>
    INTEGER.test(token) && !Number.isSafeInteger(Number(token)) ? `"\\u0000integer:${token}"` : token,
  );
}

/** An unterminated string matches to the end of the text, so that no text is searched twice. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.?[^"\\]*)*(?:"|$)|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs;
const LONG_DIGITS = /\d{16}/;
const INTEGER = /^-?[1-9]\d{15,}$/;
const GUARDED_NUMBER = /"\\u0000integer:(-0\.0|-?\d+)"/g;

/** The integer that a marked string of {@link parseJsonObject} stands for; undefined for any other value. */
export function guardedInteger(value: unknown): bigint | undefined {
  const digits = typeof value === "string" ? GUARDED.exec(value)?.[1] : undefined;
  return digits === undefined ? undefined : BigInt(digits);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: no writer of metadata starts a string with NUL
const GUARDED = /^\u0000integer:(-?\d+)$/;

/** A value as it is written in its document, for messages. */
export function formatJson(value: unknown): string {
  return JSON.stringify(value)?.replace(GUARDED_NUMBER, "$1") ?? "nothing";
}

/** The object without one of its members. */
export function omitMember(object: JsonObject, name: string): JsonObject {
  const { [name]: _, ...rest } = object;
  return rest;
}

/**
 * Checks a list of whole numbers, such as a shape or a chunk shape.
 *
 * @param member the member's name, for the message
 * @param options.length the required length; any by default
 * @param options.least the smallest number allowed; 0 by default
 * @throws InvalidMetadataError naming the member
 */
export function requireExtents(
  value: unknown,
  member: string,
  where: DocumentLocation,
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
      `the ${member} of ${where.path} in ${where.location} has the extent ${formatJson(tooLarge)}, which is larger than any array`,
      where,
    );
  }
  const expected = length === undefined ? "whole numbers" : `${length} whole numbers`;
  throw new InvalidMetadataError(
    `the ${member} of ${where.path} in ${where.location} must be a list of ${expected} from ${least} on, not ${formatJson(value)}`,
    where,
  );
}
