import * as v from "valibot";
import { counting, exactlyOne, list, number, object, oneOf, optional, type Schema, text } from "./json.js";

/** "multiscales metadata" of 0.4 and 0.5. */
export function multiscales(version: string): Schema {
  const dataset = object({ path: text(), coordinateTransformations: transformations });
  const multiscale = object({
    ...(version === "0.4" && { version: optional(oneOf("0.4")) }),
    name: optional(text()),
    datasets: list(dataset, { least: 1 }),
    axes,
    coordinateTransformations: optional(transformations),
  });
  return list(multiscale, { least: 1, unique: true });
}

const axis = object({ name: text(), type: optional(text()) });

/** An axis that does not say its type may be one of space, so it is counted as one. */
const spaceAxis = object({
  name: optional(text()),
  type: optional(oneOf("space")),
  unit: optional(text()),
});

const axes: Schema = v.pipe(
  list(axis, { least: 2, most: 5, unique: true }),
  counting(spaceAxis, { least: 2, most: 3 }, "must have two or three axes of type space"),
);

const numbers = list(number(), { least: 2 });

const transformation = exactlyOne(
  [
    object({ type: oneOf("scale"), scale: numbers }),
    object({ type: oneOf("translation"), translation: numbers }),
  ],
  "must be a scale or a translation with a list of two or more numbers",
);

const scale = object({ type: oneOf("scale") });

const transformations: Schema = v.pipe(
  list(transformation, { least: 1 }),
  counting(scale, { least: 1, most: 1 }, "must have exactly one scale"),
);
