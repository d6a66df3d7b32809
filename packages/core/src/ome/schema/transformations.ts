import * as v from "valibot";
import { isJsonObject } from "../../zarr/json.js";
import {
  anything,
  exactlyOne,
  integer,
  list,
  number,
  object,
  oneOf,
  optional,
  type Schema,
  text,
} from "./json.js";

/** "coordinateTransformations metadata" of 0.6: a transformation of any type. */
export const transformation: Schema = v.lazy((value) => {
  const type = isJsonObject(value) ? value["type"] : undefined;
  const members = typeof type === "string" ? TRANSFORMATIONS.get(type) : undefined;
  return members ?? UNKNOWN;
});

/** Its two ends; what they must name depends on where the transformation stands. */
export function between(input: Schema, output: Schema): Schema {
  return object({ input, output });
}

/** The end at an array, and the end at a coordinate system. */
const arrayEnd: Schema = object({ name: optional(text()), path: text() });
const systemEnd: Schema = object({ name: text(), path: optional(text()) });

/** The `type` may be missing from those that stand where only few types can. */
function typed(type: string, members: Readonly<Record<string, Schema>>): Schema {
  return object({ type: optional(oneOf(type)), name: optional(text()), ...members });
}

const scaleMembers = { scale: list(number({ above: 0 })) };
const translationMembers = { translation: list(number()) };

/** "multiscales metadata" of 0.6: what may lead from a level's array to the intrinsic coordinate system. */
export const levelTransformation: Schema = exactlyOne(
  [
    typed("scale", { ...scaleMembers, input: arrayEnd, output: systemEnd }),
    typed("identity", { input: arrayEnd, output: systemEnd }),
    object({
      type: oneOf("sequence"),
      name: optional(text()),
      transformations: list(
        exactlyOne(
          [
            object({ type: optional(oneOf("scale")), ...scaleMembers }),
            object({ type: optional(oneOf("translation")), ...translationMembers }),
          ],
          "must be a scale or a translation",
        ),
        { least: 2, most: 2 },
      ),
      input: arrayEnd,
      output: systemEnd,
    }),
  ],
  "must be one scale, identity or sequence of a scale and a translation, with an input path and an output name",
);

const indices = (least: number, most: number): Schema =>
  list(integer({ least: 0, most: 4 }), { least, most, unique: true });

function squareOf(size: number): Schema {
  return list(list(number(), { least: size, most: size }), { least: size, most: size });
}

function inlineOrStored(key: string, value: Schema): Schema {
  return exactlyOne(
    [object({ path: text() }), object({ [key]: value })],
    `must have either ${key} or the path of an array`,
  );
}

function ofType(
  type: string,
  members: Readonly<Record<string, Schema>>,
  ...more: Schema[]
): [string, Schema] {
  const schema = typed(type, members);
  return [type, more.reduce<Schema>((first, second) => v.intersect([first, second]), schema)];
}

const stored = { path: text(), interpolation: optional(oneOf("nearest", "linear", "cubic")) };

const rotationMatrix = exactlyOne([2, 3, 4, 5].map(squareOf), "must be a square matrix of 2 to 5 rows");

const TRANSFORMATIONS: ReadonlyMap<string, Schema> = new Map([
  ofType("identity", {}),
  ofType("mapAxis", { mapAxis: indices(2, 5) }),
  ofType(
    "projectAxis",
    { droppedInputs: optional(indices(1, 3)), createdOutputs: optional(indices(1, 3)) },
    v.union(
      [object({ droppedInputs: anything }), object({ createdOutputs: anything })],
      "must have droppedInputs or createdOutputs",
    ),
  ),
  ofType("scale", scaleMembers),
  ofType("translation", translationMembers),
  ofType("affine", {}, inlineOrStored("affine", list(list(number())))),
  ofType("rotation", {}, inlineOrStored("rotation", rotationMatrix)),
  ofType("bijection", { forward: transformation, inverse: transformation }),
  ofType("sequence", { transformations: list(transformation) }),
  ofType("byDimension", {
    transformations: list(object({ transformation, inputAxes: list(number()), outputAxes: list(number()) })),
  }),
  ofType("displacements", stored),
  ofType("coordinates", stored),
]);

const UNKNOWN: Schema = object({ type: oneOf(...TRANSFORMATIONS.keys()) });
