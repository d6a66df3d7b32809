import * as v from "valibot";
import { coordinateSystems } from "./coordinate-systems.js";
import { list, object, optional, type Schema, text } from "./json.js";
import { between, levelTransformation, transformation } from "./transformations.js";

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

/** An end in a scene may have a name and a path, and nothing else. */
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
