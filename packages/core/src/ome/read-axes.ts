import { isJsonObject } from "../zarr/json.js";
import type { ReadContext } from "./context.js";
import type { Axis } from "./model.js";
import { UNREADABLE_PART } from "./problem.js";
import { asName, asString, member, spell } from "./values.js";

/**
 * Reads a list of axes: objects since 0.4 ("axes metadata"), bare names in 0.3. An axis without a name gets one
 * by its position, so that the others keep theirs. Undefined where there is no list.
 */
export function readAxes(value: unknown, context: ReadContext): Axis[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.map((axis: unknown, index) => {
    if (typeof axis === "string") return { name: axis, type: TYPES_BY_NAME.get(axis), unit: undefined };
    const name = isJsonObject(axis) ? asName(member(axis, "name")) : undefined;
    if (name === undefined) {
      context.report(UNREADABLE_PART, `Axis ${index} of ${context.path} has no name: ${spell(axis)}.`);
    }
    return {
      name: name ?? `dim_${index}`,
      type: isJsonObject(axis) ? asString(member(axis, "type")) : undefined,
      unit: isJsonObject(axis) ? asString(member(axis, "unit")) : undefined,
    };
  });
}

/** The axes of 0.1 and 0.2, which did not name them (always t, c, z, y, x), cut to as many as an array has. */
export function conventionalAxes(dimensions: number): Axis[] | undefined {
  if (dimensions < 1 || dimensions > CONVENTION.length) return undefined;
  return CONVENTION.slice(-dimensions).map((name) => ({
    name,
    type: TYPES_BY_NAME.get(name),
    unit: undefined,
  }));
}

const CONVENTION = ["t", "c", "z", "y", "x"];

/** What an axis of a usual name is. */
export const TYPES_BY_NAME: ReadonlyMap<string, string> = new Map([
  ["t", "time"],
  ["c", "channel"],
  ["z", "space"],
  ["y", "space"],
  ["x", "space"],
]);
