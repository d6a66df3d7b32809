import { UnsupportedError } from "../../errors.js";
import { type DocumentLocation, isJsonObject, type JsonObject } from "../../zarr/json.js";
import { asString, member, withoutVersion, withVersion } from "../ome-metadata.js";
import { intrinsicSystemOf, listOf, systemAxes, TYPES_BY_NAME } from "../read-multiscale.js";
import { composeAll, placementSteps, type TransformList, transformSteps } from "../transforms.js";

/** The name of the coordinate system of an upgraded image, as in the specification's examples. */
const INTRINSIC = "intrinsic";

/**
 * Converts the content of `ome` from 0.5 to 0.6: axes become the coordinate system `intrinsic`; each level has one
 * transformation to it, which includes those of the multiscale; and only `ome` itself has a version.
 *
 * @param where the group's document
 * @throws UnsupportedError for transformations that 0.6 does not allow between a level and its image
 */
export function upgradeTo06(ome: JsonObject, where: DocumentLocation): JsonObject {
  const members = Object.entries(ome).map(([name, value]) => {
    if (name === "multiscales" && Array.isArray(value)) {
      return [name, value.map((one: unknown) => (isJsonObject(one) ? multiscaleTo06(one, where) : one))];
    }
    return [name, VERSIONED.has(name) ? withoutVersion(value) : value];
  });
  return { ...Object.fromEntries(members), version: "0.6" };
}

/** The members, besides `multiscales`, that may have versions of their own in 0.4. */
const VERSIONED: ReadonlySet<string> = new Set(["omero", "image-label", "plate", "well"]);

function multiscaleTo06(multiscale: JsonObject, where: DocumentLocation): JsonObject {
  const {
    axes: _axes,
    datasets: _datasets,
    coordinateTransformations,
    version: _version,
    ...others
  } = multiscale;
  const axes = listOf(multiscale, "axes").map(typed);
  const refuse = (what: string) => cannotConvert(where, "0.6", what);
  const ofAll = { transforms: coordinateTransformations, what: "its multiscale" };
  const datasets = listOf(multiscale, "datasets").map((dataset) => {
    const path = asString(member(dataset, "path"));
    if (path === undefined) throw refuse("a level without a path");
    const own = {
      transforms: member(dataset, "coordinateTransformations"),
      what: `its level ${path}`,
    };
    const whole = composeAll([own, ofAll], axes.length, ({ what }) =>
      refuse(`transformations of ${what} other than a scale and a translation`),
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

/** Adds the type that 0.6 requires of axes of space, and 0.5 only recommends. */
function typed(axis: JsonObject): JsonObject {
  const type = Object.hasOwn(axis, "type") ? undefined : TYPES_BY_NAME.get(String(axis["name"]));
  return type === undefined ? axis : { ...axis, type };
}

/**
 * Converts the content of `ome` from 0.6 to 0.5, which can express one coordinate system an image, and levels with a scale
 * and a translation.
 *
 * @param where the group's document
 * @throws UnsupportedError naming what 0.5 cannot express: scenes, more coordinate systems, other transformations
 */
export function downgradeTo05(ome: JsonObject, where: DocumentLocation): JsonObject {
  if (Object.hasOwn(ome, "scene")) throw cannotConvert(where, "0.5", "a scene");
  const members = Object.entries(ome).map(([name, value]) => {
    if (name === "multiscales" && Array.isArray(value)) {
      return [name, value.map((one: unknown) => (isJsonObject(one) ? multiscaleTo05(one, where) : one))];
    }
    // 0.5 requires a version in plates and recommends it in the others.
    return [name, VERSIONED_IN_05.has(name) ? withVersion(value, "0.5") : value];
  });
  return { ...Object.fromEntries(members), version: "0.5" };
}

/** The members that may have versions of their own in 0.5. */
export const VERSIONED_IN_05: ReadonlySet<string> = new Set(["image-label", "plate", "well"]);

function multiscaleTo05(multiscale: JsonObject, where: DocumentLocation): JsonObject {
  const refuse = (what: string) => cannotConvert(where, "0.5", what);
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
    // Each transformation leads from the array to a system of its own.
    if (second !== undefined) throw cannotPlace(`${String(first?.["type"])} beside another one`);
    const placement = composeAll([{ transforms, what }], axes.length, ({ type }) => cannotPlace(type));
    const translated = transformSteps(transforms).some(({ type }) => type === "translation");
    return { ...dataset, coordinateTransformations: placementSteps(placement, { translated }) };
  });
  return { axes, datasets, ...others };
}

const OTHER_TYPES: ReadonlySet<string> = new Set(["array", "coordinate", "displacement"]);

/**
 * Converts the attributes of a group from 0.5 to 0.4: the members of `ome` move beside the other attributes, each with a
 * version where 0.4 recommends one.
 *
 * @param where the group's document
 * @throws UnsupportedError where two attributes would get the same name
 */
export function downgradeTo04(attributes: JsonObject, where: DocumentLocation): JsonObject {
  const { ome, ...others } = attributes;
  if (!isJsonObject(ome)) return attributes;
  const { version: _version, ...members } = ome;
  const flat = Object.entries(members).map(([name, value]): [string, unknown] => {
    if (Object.hasOwn(others, name)) throw cannotConvert(where, "0.4", `two attributes of the name ${name}`);
    if (name === "multiscales" && Array.isArray(value)) {
      return [name, value.map((one: unknown) => withVersion(one, "0.4"))];
    }
    return [name, VERSIONED.has(name) ? withVersion(value, "0.4") : value];
  });
  return { ...Object.fromEntries(flat), ...others };
}

/** The error for metadata that another version cannot express. */
export function cannotConvert(where: DocumentLocation, version: string, what: string): UnsupportedError {
  return new UnsupportedError(
    `${where.path} in ${where.location} cannot be converted to OME-Zarr ${version}: ${version} cannot express ${what}; keep the version, or select a part without it with --path`,
    { ...where, feature: what },
  );
}
