import { isJsonObject, type JsonObject } from "../../zarr/json.js";
import { intrinsicSystemOf, listOf, systemAxes } from "../read-coordinate-systems.js";
import { composeAll, spellPlacement, transformSteps } from "../transforms.js";
import { asString, member } from "../values.js";
import { type ConvertPlace, cannotSay } from "./place.js";

/**
 * What 0.6 keeps under `ome`, as 0.5 wants it, where 0.5 has words for it: one coordinate system an image, and
 * levels that are scaled and moved.
 *
 * @throws UnsupportedError naming what 0.5 cannot say: scenes, further coordinate systems, other transformations
 */
export function downgradeTo05(ome: JsonObject, place: ConvertPlace): JsonObject {
  if (Object.hasOwn(ome, "scene")) throw cannotSay(place, "0.5", "a scene");
  const members = Object.entries(ome).map(([name, value]) => {
    if (name === "multiscales" && Array.isArray(value)) {
      return [name, value.map((one: unknown) => (isJsonObject(one) ? multiscaleTo05(one, place) : one))];
    }
    // 0.5 asks for it in plates and recommends it in the others.
    return [name, VERSIONED.has(name) && isJsonObject(value) ? { ...value, version: "0.5" } : value];
  });
  return { ...Object.fromEntries(members), version: "0.5" };
}

const VERSIONED: ReadonlySet<string> = new Set(["image-label", "plate", "well"]);

function multiscaleTo05(multiscale: JsonObject, place: ConvertPlace): JsonObject {
  const refuse = (what: string) => cannotSay(place, "0.5", what);
  const {
    coordinateSystems: _systems,
    coordinateTransformations,
    datasets: _datasets,
    ...others
  } = multiscale;
  const systems = listOf(multiscale, "coordinateSystems");
  if (systems.length > 1) {
    const names = systems.map((system) => String(member(system, "name"))).join(", ");
    throw refuse(`several coordinate systems (${names})`);
  }
  if (coordinateTransformations !== undefined) throw refuse("transformations between coordinate systems");
  const written = systemAxes(multiscale, intrinsicSystemOf(multiscale));
  const axes = Array.isArray(written) ? written.filter(isJsonObject) : [];
  const other = axes.find(({ type }) => OTHER_TYPES.has(asString(type) ?? ""));
  if (other !== undefined) throw refuse(`an axis of type ${String(other["type"])}`);
  const datasets = listOf(multiscale, "datasets").map((dataset) => {
    const transforms = member(dataset, "coordinateTransformations");
    const what = `its level ${String(dataset["path"])}`;
    const cannotPlace = (type: string) =>
      refuse(`the transformation ${type} of ${what}, only a scale and a translation`);
    const [first, second] = listOf(dataset, "coordinateTransformations");
    // Each leads from the array to a system of its own.
    if (second !== undefined) throw cannotPlace(`${String(first?.["type"])} beside another one`);
    const placement = composeAll([{ transforms, what }], axes.length, ({ type }) => cannotPlace(type));
    const translated = transformSteps(transforms).some(({ type }) => type === "translation");
    return { ...dataset, coordinateTransformations: spellPlacement(placement, { translated }) };
  });
  return { axes, datasets, ...others };
}

const OTHER_TYPES: ReadonlySet<string> = new Set(["array", "coordinate", "displacement"]);
