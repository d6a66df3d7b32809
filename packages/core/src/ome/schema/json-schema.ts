import * as v from "valibot";
import { guardedInteger, isJsonObject } from "../../zarr/json.js";

/** A schema whose issues are used, never its output. */
export type Schema = v.GenericSchema<unknown, unknown>;

/** A JSON object with these members. Others are allowed, as everywhere in OME-Zarr. */
export function object(members: Readonly<Record<string, Schema>>): Schema {
  return v.pipe(v.custom<object>(isJsonObject, "must be an object"), v.looseObject({ ...members }));
}

/** A member that may be missing. */
export function optional(schema: Schema): Schema {
  return v.optional(schema);
}

/** A member that must exist, with any value. */
export const anything: Schema = v.unknown();

/**
 * A string, but not one that marks an integer beyond 2^53.
 *
 * @param expected the message, as the end of a sentence about the member
 */
export function text(pattern?: RegExp, expected = "must be a string"): Schema {
  return v.custom<string>(
    (value) =>
      typeof value === "string" && guardedInteger(value) === undefined && (pattern?.test(value) ?? true),
    expected,
  );
}

/** One of some values. */
export function oneOf(...values: readonly (string | number)[]): Schema {
  return v.custom(
    (value) => values.some((allowed) => allowed === value),
    `must be ${values.map((value) => JSON.stringify(value)).join(" or ")}`,
  );
}

/** True or false. */
export const bool: Schema = v.custom((value) => typeof value === "boolean", "must be true or false");

/** A number, greater than `above` where that is given. */
export function number({ above }: { above?: number } = {}): Schema {
  return v.custom(
    (value) => {
      const numeric = typeof value === "number" ? value : guardedInteger(value);
      return numeric !== undefined && (above === undefined || numeric > above);
    },
    above === undefined ? "must be a number" : `must be a number greater than ${above}`,
  );
}

/** A whole number between `least` and `most`. As in JSON Schema, 1.0 is one. */
export function integer({ least, most }: { least?: number; most?: number } = {}): Schema {
  const bounds = [least !== undefined && `from ${least} on`, most !== undefined && `up to ${most}`];
  return v.custom(
    (value) => {
      const whole = Number.isInteger(value) ? (value as number) : guardedInteger(value);
      return whole !== undefined && whole >= (least ?? -Infinity) && whole <= (most ?? Infinity);
    },
    ["must be a whole number", ...bounds.filter((bound) => bound !== false)].join(" "),
  );
}

/** Options of {@link list}. */
export interface ListOptions {
  /** The fewest and the most members; any number by default. */
  readonly least?: number;
  readonly most?: number;
  /** Whether no two members may be equal. */
  readonly unique?: boolean;
}

/** A list. */
export function list(item: Schema, { least = 0, most = Infinity, unique = false }: ListOptions = {}): Schema {
  const count = most === Infinity ? `at least ${least}` : least === most ? `${least}` : `${least} to ${most}`;
  return v.pipe(
    v.custom<unknown[]>(Array.isArray, "must be a list"),
    v.check(
      (values) => values.length >= least && values.length <= most,
      `must have ${count} ${least === 1 && (most === 1 || most === Infinity) ? "member" : "members"}`,
    ),
    v.check((values) => !unique || areUnique(values), "must not have the same member twice"),
    v.array(item),
  );
}

/**
 * Between `least` and `most` members of a list must match a schema (contains, minContains and maxContains of JSON Schema).
 *
 * @param expected the message, as the end of a sentence about the list
 */
export function counting(
  matches: Schema,
  { least = 1, most = Infinity }: { least?: number; most?: number },
  expected: string,
): v.CheckAction<unknown, string> {
  return v.check((values) => {
    const count = Array.isArray(values) ? values.filter((value) => v.is(matches, value)).length : 0;
    return count >= least && count <= most;
  }, expected);
}

/** Exactly one of the alternatives must match (oneOf of JSON Schema). */
export function exactlyOne(alternatives: readonly Schema[], expected: string): Schema {
  return v.custom((value) => alternatives.filter((schema) => v.is(schema, value)).length === 1, expected);
}

/** Whether no two members of a list are equal, where they have been compared already; see {@link compareSteps}. */
const COMPARED = new WeakMap<readonly unknown[], boolean>();

function areUnique(values: readonly unknown[]): boolean {
  for (const _ of compareSteps(values));
  return COMPARED.get(values) ?? true;
}

/** Compares the members of a list in steps of about a millisecond, for the schemas that allow no two equal ones. */
export function* compareSteps(values: readonly unknown[]): Generator<undefined> {
  if (COMPARED.has(values)) return;
  COMPARED.set(values, (yield* differInOneMember(values)) || (yield* differ(values, comparable)));
}

/** A slice of a list whose members have been compared, for which the result for the whole list holds. */
export function sliceOf(values: readonly unknown[], from: number, to: number): unknown[] {
  const slice = values.slice(from, to);
  COMPARED.set(slice, COMPARED.get(values) ?? true);
  return slice;
}

/** Whether some member has another text in each object, as paths have: the objects need not be compared. */
function* differInOneMember(values: readonly unknown[]): Generator<undefined, boolean> {
  const [first] = values;
  for (const name of isJsonObject(first) ? Object.keys(first) : []) {
    const textOf = (value: unknown): string | undefined => {
      const text = isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
      return typeof text === "string" ? text : undefined;
    };
    if (yield* differ(values, textOf)) return true;
  }
  return false;
}

/** Whether each value has a text, and each another one. */
function* differ(
  values: readonly unknown[],
  textOf: (value: unknown) => string | undefined,
): Generator<undefined, boolean> {
  const seen = new Set<string>();
  for (const value of values) {
    const text = textOf(value);
    if (text === undefined || seen.size === seen.add(text).size) return false;
    if (seen.size % COMPARED_IN_STEP === 0) yield;
  }
  return true;
}

const COMPARED_IN_STEP = 512;

function comparable(value: unknown): string {
  return JSON.stringify(canonical(value));
}

/** Equal JSON values have equal canonical forms: lists of members, sorted by name. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (!isJsonObject(value)) return value;
  return Object.keys(value)
    .sort()
    .map((key) => [key, canonical(value[key])]);
}
