import * as v from "valibot";
import { guardedInteger, isJsonObject } from "../../zarr/json.js";

/** A schema of which only the verdict and the issues are used, never the output. */
export type Schema = v.GenericSchema<unknown, unknown>;

/** A JSON object with at least these members; others are allowed, as everywhere in OME-Zarr. */
export function object(members: Readonly<Record<string, Schema>>): Schema {
  return v.pipe(v.custom<object>(isJsonObject, "must be an object"), v.looseObject({ ...members }));
}

/** A member that need not be there. */
export function optional(schema: Schema): Schema {
  return v.optional(schema);
}

/** A member that must be there, whatever it is. */
export const anything: Schema = v.unknown();

/** Text. Integers beyond 2^53 travel as marked strings, and are none. */
export function text(pattern?: RegExp, expected = "must be a text"): Schema {
  return v.custom<string>(
    (value) =>
      typeof value === "string" && guardedInteger(value) === undefined && (pattern?.test(value) ?? true),
    expected,
  );
}

export function oneOf(...values: readonly (string | number)[]): Schema {
  return v.custom(
    (value) => values.some((allowed) => allowed === value),
    `must be ${values.map((value) => JSON.stringify(value)).join(" or ")}`,
  );
}

export const bool: Schema = v.custom((value) => typeof value === "boolean", "must be true or false");

export function number({ above }: { above?: number } = {}): Schema {
  return v.custom(
    (value) => {
      const numeric = typeof value === "number" ? value : guardedInteger(value);
      return numeric !== undefined && (above === undefined || numeric > above);
    },
    above === undefined ? "must be a number" : `must be a number greater than ${above}`,
  );
}

/** A whole number; 1.0 is one too, as in JSON Schema. */
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

export interface ListOptions {
  readonly least?: number;
  readonly most?: number;
  /** No two members may say the same. */
  readonly unique?: boolean;
}

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

/** How many of a list's members match must lie in bounds (JSON Schema's contains, minContains and maxContains). */
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

/** Valid where exactly one of the alternatives is. */
export function exactlyOne(alternatives: readonly Schema[], expected: string): Schema {
  return v.custom((value) => alternatives.filter((schema) => v.is(schema, value)).length === 1, expected);
}

function areUnique(values: readonly unknown[]): boolean {
  return (
    values.length < 2 ||
    new Set(values.map((value) => JSON.stringify(canonical(value)))).size === values.length
  );
}

/** Equal JSON values have equal canonical forms: members in order of their names. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (!isJsonObject(value)) return value;
  return Object.keys(value)
    .sort()
    .map((key) => [key, canonical(value[key])]);
}
