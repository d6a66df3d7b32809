import { isJsonObject, type JsonObject } from "../zarr/json.js";
import { type ReadContext, unreadable } from "./context.js";
import type { CoordinateSystem, Scene, SceneEnd, SceneTransformation } from "./model.js";
import { UNREADABLE_PART } from "./problem.js";
import { readAxes } from "./read-axes.js";
import { listOf } from "./read-coordinate-systems.js";
import { readPath } from "./read-path.js";
import { asName, asString, member, spell } from "./values.js";

/**
 * Reads a group with `scene` (0.6 "scene metadata"): images that are placed beside each other by transformations.
 *
 * @throws InvalidMetadataError when it has no list of transformations
 */
export function readScene(context: ReadContext): Scene {
  const { path, version, problems, attributes } = context;
  const scene = member(attributes, "scene");
  if (!isJsonObject(scene) || !Array.isArray(member(scene, "coordinateTransformations"))) {
    throw unreadable(context, "the scene has no list of coordinateTransformations.");
  }
  const transformations = listOf(scene, "coordinateTransformations").map((transform) =>
    readTransformation(transform, context),
  );
  const paths = transformations.flatMap(({ input, output }) => [input.path, output.path]);
  return {
    kind: "scene",
    path,
    version,
    problems,
    coordinateSystems: listOf(scene, "coordinateSystems").map((system) => readSystem(system, context)),
    transformations,
    images: [...new Set(paths.filter((image) => image !== undefined))],
  };
}

function readSystem(system: JsonObject, context: ReadContext): CoordinateSystem {
  const name = asName(member(system, "name"));
  if (name === undefined) {
    context.report(UNREADABLE_PART, `A coordinate system of the scene ${context.path} has no name.`);
  }
  return { name, axes: readAxes(member(system, "axes"), context) ?? [] };
}

function readTransformation(transform: JsonObject, context: ReadContext): SceneTransformation {
  return {
    name: asName(member(transform, "name")),
    type: asString(member(transform, "type")),
    input: readEnd(member(transform, "input"), context),
    output: readEnd(member(transform, "output"), context),
  };
}

function readEnd(end: unknown, context: ReadContext): SceneEnd {
  if (!isJsonObject(end)) {
    context.report(
      UNREADABLE_PART,
      `A transformation of the scene ${context.path} has the end ${spell(end)}.`,
    );
    return { name: undefined, path: undefined };
  }
  const path = member(end, "path");
  return {
    name: asName(member(end, "name")),
    path:
      path === undefined
        ? undefined
        : readPath(path, `A transformation of the scene ${context.path}`, context),
  };
}
