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
import { orientation } from "./orientation.js";

/** The schemas of a version with coordinate systems. */
export interface CoordinateSchemas {
  /** "multiscales metadata". */
  readonly multiscales: Schema;
  /** "scene metadata". */
  readonly scene: Schema;
  /** "coordinateTransformations metadata": a transformation of any type. */
  readonly transformation: Schema;
}

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

/** "multiscales metadata": a transformation from a level's array to the intrinsic coordinate system. */
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

const dataset = object({
  path: text(),
  coordinateTransformations: list(levelTransformation, { least: 1, most: 1 }),
});

const named = text(/[\s\S]/, "must be a string that is not empty");

const axisMembers = {
  name: named,
  longName: optional(text()),
  type: optional(text()),
  discrete: optional(bool),
  unit: optional(text()),
};

const spaceAxis = object({ type: oneOf("space") });
const arrayAxis = object({ type: oneOf("array") });

/** Up to five axes, of which two or three are of space. */
const boundedAxes: Schema = v.pipe(
  list(object(axisMembers), { least: 1, most: 5, unique: true }),
  v.check((values) => {
    const [space = 0, array = 0] = [spaceAxis, arrayAxis].map((schema) =>
      Array.isArray(values) ? values.filter((value) => v.is(schema, value)).length : 0,
    );
    return (space === 2 || space === 3) !== array >= 2;
  }, "must have two or three axes of type space, or else two or more of type array"),
);

/** RFC-3: any number of axes of any type; RFC-4: with an orientation. */
const freeAxes: Schema = list(object({ ...axisMembers, orientation: optional(orientation) }), {
  least: 1,
  unique: true,
});

/** An input or output in a scene has a name, may have a path, and nothing else. */
const sceneEnd: Schema = v.pipe(
  object({ name: text(), path: optional(text()) }),
  v.check(
    (end) => Object.keys(end ?? {}).every((key) => key === "name" || key === "path"),
    "must have a name, may have a path, and nothing else",
  ),
);

/** @param isFree whether there may be any number of axes, of any type */
function coordinateSchemas(isFree: boolean): CoordinateSchemas {
  const transformation = transformationSchema(isFree);
  const coordinateSystems = (options: { least?: number; unique?: boolean }): Schema =>
    list(object({ name: named, axes: isFree ? freeAxes : boundedAxes }), options);
  const toOtherSystems = v.intersect([
    transformation,
    between(object({ name: text() }), object({ name: text() })),
  ]);
  return {
    transformation,
    multiscales: list(
      object({
        name: optional(text()),
        datasets: list(dataset, { least: 1 }),
        coordinateSystems: coordinateSystems({ least: 1 }),
        coordinateTransformations: optional(list(toOtherSystems, { least: 1 })),
      }),
      { least: 1, unique: true },
    ),
    scene: object({
      coordinateSystems: optional(coordinateSystems({ unique: true })),
      coordinateTransformations: list(v.intersect([transformation, between(sceneEnd, sceneEnd)]), {
        least: 1,
      }),
    }),
  };
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

function squareOf(size: number): Schema {
  return list(list(number(), { least: size, most: size }), { least: size, most: size });
}

const stored = { path: text(), interpolation: optional(oneOf("nearest", "linear", "cubic")) };

const rotationMatrix = exactlyOne([2, 3, 4, 5].map(squareOf), "must be a square matrix of 2 to 5 rows");

function transformationSchema(isFree: boolean): Schema {
  const transformation: Schema = v.lazy((value) => {
    const type = isJsonObject(value) ? value["type"] : undefined;
    const members = typeof type === "string" ? byType.get(type) : undefined;
    return members ?? unknown;
  });
  const indices = (least: number, most: number): Schema =>
    isFree
      ? list(integer({ least: 0 }), { least: least === 1 ? 1 : 0, unique: true })
      : list(integer({ least: 0, most: 4 }), { least, most, unique: true });
  const byType: ReadonlyMap<string, Schema> = new Map([
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
      transformations: list(
        object({ transformation, inputAxes: list(number()), outputAxes: list(number()) }),
      ),
    }),
    ofType("displacements", stored),
    ofType("coordinates", stored),
  ]);
  const unknown: Schema = object({ type: oneOf(...byType.keys()) });
  return transformation;
}

/** 0.6, whose axes are those of 0.4 and 0.5. */
export const SCHEMAS_06: CoordinateSchemas = coordinateSchemas(false);

/** 0.9.dev1, with the axes of RFC-3 and the orientations of RFC-4. */
export const SCHEMAS_09: CoordinateSchemas = coordinateSchemas(true);
