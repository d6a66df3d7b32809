import * as v from "valibot";
import { bool, list, object, oneOf, optional, type Schema, text } from "./json.js";

/** "coordinateSystems metadata" of 0.6. */
export function coordinateSystems(options: { least?: number; unique?: boolean }): Schema {
  return list(object({ name: named, axes }), options);
}

const named = text(/[\s\S]/, "must be a text that is not empty");

const axis = object({
  name: named,
  longName: optional(text()),
  type: optional(text()),
  discrete: optional(bool),
  unit: optional(text()),
});

const spaceAxis = object({ type: oneOf("space") });
const arrayAxis = object({ type: oneOf("array") });

const axes: Schema = v.pipe(
  list(axis, { least: 1, most: 5, unique: true }),
  v.check((values) => {
    const [space = 0, array = 0] = [spaceAxis, arrayAxis].map((schema) =>
      Array.isArray(values) ? values.filter((value) => v.is(schema, value)).length : 0,
    );
    return (space === 2 || space === 3) !== array >= 2;
  }, "must have two or three axes of type space, or else two or more of type array"),
);
