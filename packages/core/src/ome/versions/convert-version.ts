import { UnsupportedError } from "../../errors.js";
import { isJsonObject, type JsonObject, omitMember } from "../../zarr/json.js";
import { asString, member } from "../ome-metadata.js";
import { intrinsicSystemOf, listOf, systemAxes, TYPES_BY_NAME } from "../read-multiscale.js";
import { composeAll, placementSteps, type TransformList, transformSteps } from "../transforms.js";

/** The name that the coordinate system of an image gets, as in the specification's examples. */
const INTRINSIC = "intrinsic";

/**
 * What 0.5 keeps under `ome`, as 0.6 wants it: axes become the coordinate system `intrinsic`, each level has one
 * transformation to it, in which those of the whole multiscale are taken up, and single objects have no version.
 *
 * @throws UnsupportedError for transformations that 0.6 does not let lead from a level to its image
 */
export function upgradeTo06(ome: JsonObject, place: DocumentLocation): JsonObject {
  const members = Object.entries(ome).map(([name, value]) => {
    if (name === "multiscales" && Array.isArray(value)) {
      return [name, value.map((one: unknown) => (isJsonObject(one) ? multiscaleTo06(one, place) : one))];
    }
    return [
      name,
      VERSIONED_BEFORE_06.has(name) && isJsonObject(value) ? omitMember(value, "version") : value,
    ];
  });
  return { ...Object.fromEntries(members), version: "0.6" };
}

const VERSIONED_BEFORE_06: ReadonlySet<string> = new Set(["omero", "image-label", "plate", "well"]);

function multiscaleTo06(multiscale: JsonObject, place: DocumentLocation): JsonObject {
  const {
    axes: _axes,
    datasets: _datasets,
    coordinateTransformations,
    version: _version,
    ...others
  } = multiscale;
  const axes = listOf(multiscale, "axes").map(typed);
  const refuse = (what: string) => cannotConvert(place, "0.6", what);
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
    const [first, ...rest] = placementSteps(whole, { translated: [own, ofAll].some(hasTranslation) });
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

/**
 * What 0.6 keeps under `ome`, as 0.5 wants it, where 0.5 has words for it: one coordinate system an image, and
 * levels that are scaled and moved.
 *
 * @throws UnsupportedError naming what 0.5 cannot say: scenes, further coordinate systems, other transformations
 */
export function downgradeTo05(ome: JsonObject, place: DocumentLocation): JsonObject {
  if (Object.hasOwn(ome, "scene")) throw cannotConvert(place, "0.5", "a scene");
  const members = Object.entries(ome).map(([name, value]) => {
    if (name === "multiscales" && Array.isArray(value)) {
      return [name, value.map((one: unknown) => (isJsonObject(one) ? multiscaleTo05(one, place) : one))];
    }
    // 0.5 asks for it in plates and recommends it in the others.
    return [name, VERSIONED_IN_05.has(name) && isJsonObject(value) ? { ...value, version: "0.5" } : value];
  });
  return { ...Object.fromEntries(members), version: "0.5" };
}

const VERSIONED_IN_05: ReadonlySet<string> = new Set(["image-label", "plate", "well"]);

function multiscaleTo05(multiscale: JsonObject, place: DocumentLocation): JsonObject {
  const refuse = (what: string) => cannotConvert(place, "0.5", what);
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
    return { ...dataset, coordinateTransformations: placementSteps(placement, { translated }) };
  });
  return { axes, datasets, ...others };
}

const OTHER_TYPES: ReadonlySet<string> = new Set(["array", "coordinate", "displacement"]);

/**
 * The attributes of a 0.5 group as 0.4 wants them: what is under `ome` beside everybody else's, and a version in
 * each object that 0.4 recommends one in.
 *
 * @throws UnsupportedError where two members would get the same name
 */
export function downgradeTo04(attributes: JsonObject, place: DocumentLocation): JsonObject {
  const { ome, ...others } = attributes;
  if (!isJsonObject(ome)) return attributes;
  const { version: _version, ...members } = ome;
  const flat = Object.entries(members).map(([name, value]): [string, unknown] => {
    if (Object.hasOwn(others, name)) throw cannotConvert(place, "0.4", `two attributes of the name ${name}`);
    if (name === "multiscales" && Array.isArray(value)) return [name, value.map(setVersion)];
    return [name, VERSIONED_IN_04.has(name) ? setVersion(value) : value];
  });
  return { ...Object.fromEntries(flat), ...others };
}

const VERSIONED_IN_04: ReadonlySet<string> = new Set(["omero", "image-label", "plate", "well"]);

function setVersion(value: unknown): unknown {
  return isJsonObject(value) ? { ...value, version: "0.4" } : value;
}

/** The node whose metadata is converted, for messages. */
export interface DocumentLocation {
  readonly location: string;
  readonly path: string;
}

/** The refusal of something that the other version has no words for. */
export function cannotConvert(place: DocumentLocation, version: string, what: string): UnsupportedError {
  return new UnsupportedError(
    `${place.path} in ${place.location} cannot become OME-Zarr ${version}: ${version} cannot say ${what}; keep the version, or take a part without it with --path`,
    { ...place, feature: what },
  );
}
