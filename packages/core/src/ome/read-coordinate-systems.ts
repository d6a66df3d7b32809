import { isJsonObject, type JsonObject } from "../zarr/json.js";
import { outputOf } from "./transforms.js";
import { asName, member } from "./values.js";

/**
 * The name of the coordinate system that a 0.6 multiscale's levels are mapped to, its "intrinsic" one: what the
 * datasets' transformations have as `output` (0.6 "multiscales metadata"), else the first that is described.
 * Transformations of the multiscale itself lead on from there to other systems, so they place nothing here.
 */
export function intrinsicSystemOf(multiscale: JsonObject): string | undefined {
  for (const dataset of listOf(multiscale, "datasets")) {
    for (const transform of listOf(dataset, "coordinateTransformations")) {
      const name = outputOf(transform);
      if (name !== undefined) return name;
    }
  }
  const first = listOf(multiscale, "coordinateSystems")[0];
  return first && asName(member(first, "name"));
}

/** The `axes` of a coordinate system, as written. Metadata of the time before 0.6 may have them in the old place. */
export function systemAxes(multiscale: JsonObject, name: string | undefined): unknown {
  const systems = listOf(multiscale, "coordinateSystems");
  const system = systems.find((candidate) => member(candidate, "name") === name) ?? systems[0];
  return system ? member(system, "axes") : member(multiscale, "axes");
}

/** The objects in a list; empty where there is no list. */
export function listOf(object: JsonObject, key: string): JsonObject[] {
  const value = member(object, key);
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}
