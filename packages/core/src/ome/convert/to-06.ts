import { isJsonObject, type JsonObject } from "../../zarr/json.js";
import { withoutMember } from "../../zarr/upgrade/place.js";
import { TYPES_BY_NAME } from "../read-axes.js";
import { listOf } from "../read-coordinate-systems.js";
import { composeAll, spellPlacement, type TransformList, transformSteps } from "../transforms.js";
import { asString, member } from "../values.js";
import { type ConvertPlace, cannotSay } from "./place.js";

/** The name that the coordinate system of an image gets, as in the specification's examples. */
const INTRINSIC = "intrinsic";

/**
 * What 0.5 keeps under `ome`, as 0.6 wants it: axes become the coordinate system `intrinsic`, each level has one
 * transformation to it, in which those of the whole multiscale are taken up, and single objects have no version.
 *
 * @throws UnsupportedError for transformations that 0.6 does not let lead from a level to its image
 */
export function upgradeTo06(ome: JsonObject, place: ConvertPlace): JsonObject {
  const members = Object.entries(ome).map(([name, value]) => {
    if (name === "multiscales" && Array.isArray(value)) {
      return [name, value.map((one: unknown) => (isJsonObject(one) ? multiscaleTo06(one, place) : one))];
    }
    return [name, VERSIONED.has(name) && isJsonObject(value) ? withoutMember(value, "version") : value];
  });
  return { ...Object.fromEntries(members), version: "0.6" };
}

const VERSIONED: ReadonlySet<string> = new Set(["omero", "image-label", "plate", "well"]);

function multiscaleTo06(multiscale: JsonObject, place: ConvertPlace): JsonObject {
  const {
    axes: _axes,
    datasets: _datasets,
    coordinateTransformations,
    version: _version,
    ...others
  } = multiscale;
  const axes = listOf(multiscale, "axes").map(typed);
  const refuse = (what: string) => cannotSay(place, "0.6", what);
  const ofAll = { transforms: coordinateTransformations, what: "its multiscale" };
  const datasets = listOf(multiscale, "datasets").map((dataset) => {
    const path = asString(member(dataset, "path"));
    if (path === undefined) throw refuse("a level without a path");
    const own = {
      transforms: member(dataset, "coordinateTransformations"),
      what: `its level ${path}`,
    };
    const whole = composeAll([own, ofAll], axes.length, ({ what }) =>
      refuse(`the transformations of ${what}, which are no scale and translation`),
    );
    if (!whole.scale.every((value) => value > 0))
      throw refuse(`a scale that is not above 0, as that of its level ${path}`);
    const ends = { input: { path }, output: { name: INTRINSIC } };
    const [first, ...rest] = spellPlacement(whole, { translated: [own, ofAll].some(hasTranslation) });
    const transform =
      rest.length === 0
        ? { ...first, ...ends }
        : { type: "sequence", transformations: [first, ...rest], ...ends };
    return { ...dataset, coordinateTransformations: [transform] };
  });
  return { coordinateSystems: [{ name: INTRINSIC, axes }], datasets, ...others };
}

function hasTranslation({ transforms }: TransformList): boolean {
  return transformSteps(transforms).some(({ type }) => type === "translation");
}

/** 0.5 recommends the type of an axis; 0.6 cannot do without those of space. */
function typed(axis: JsonObject): JsonObject {
  const type = Object.hasOwn(axis, "type") ? undefined : TYPES_BY_NAME.get(String(axis["name"]));
  return type === undefined ? axis : { ...axis, type };
}
