import * as v from "valibot";
import { isJsonObject } from "../../zarr/json.js";
import {
  anything,
  bool,
  exactlyOne,
  integer,
  list,
  number,
  object,
  oneOf,
  optional,
  type Schema,
  text,
} from "./json-schema.js";

/** "coordinateTransformations metadata" of 0.6: a transformation of any type. */
export const transformation: Schema = v.lazy((value) => {
  const type = isJsonObject(value) ? value["type"] : undefined;
  const members = typeof type === "string" ? TRANSFORMATIONS.get(type) : undefined;
  return members ?? UNKNOWN;
});

/** The input and output of a transformation; what they must name depends on where it stands. */
function between(input: Schema, output: Schema): Schema {
  return object({ input, output });
}

/** An input or output that is an array, and one that is a coordinate system. */
const arrayEnd: Schema = object({ name: optional(text()), path: text() });
const systemEnd: Schema = object({ name: text(), path: optional(text()) });

/** A transformation that may omit its `type`, where only few types are possible. */
function typed(type: string, members: Readonly<Record<string, Schema>>): Schema {
  return object({ type: optional(oneOf(type)), name: optional(text()), ...members });
}

const scaleMembers = { scale: list(number({ above: 0 })) };
const translationMembers = { translation: list(number()) };

/** "multiscales metadata" of 0.6: a transformation from a level's array to the intrinsic coordinate system. */
const levelTransformation: Schema = exactlyOne(
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

/** "coordinateSystems metadata" of 0.6. */
function coordinateSystems(options: { least?: number; unique?: boolean }): Schema {
  return list(object({ name: named, axes }), options);
}

const named = text(/[\s\S]/, "must be a string that is not empty");

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

const dataset = object({
  path: text(),
  coordinateTransformations: list(levelTransformation, { least: 1, most: 1 }),
});

const toOtherSystems = v.intersect([
  transformation,
  between(object({ name: text() }), object({ name: text() })),
]);

/** "multiscales metadata" of 0.6. */
export const multiscales06: Schema = list(
  object({
    name: optional(text()),
    datasets: list(dataset, { least: 1 }),
    coordinateSystems: coordinateSystems({ least: 1 }),
    coordinateTransformations: optional(list(toOtherSystems, { least: 1 })),
  }),
  { least: 1, unique: true },
);

/** An input or output in a scene has a name, may have a path, and nothing else. */
const sceneEnd: Schema = v.pipe(
  object({ name: text(), path: optional(text()) }),
  v.check(
    (end) => Object.keys(end ?? {}).every((key) => key === "name" || key === "path"),
    "must have a name, may have a path, and nothing else",
  ),
);

/** "scene metadata" of 0.6. */
export const scene06: Schema = object({
  coordinateSystems: optional(coordinateSystems({ unique: true })),
  coordinateTransformations: list(v.intersect([transformation, between(sceneEnd, sceneEnd)]), { least: 1 }),
});
