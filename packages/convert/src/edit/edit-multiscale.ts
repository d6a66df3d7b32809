import {
  type Axis,
  type JsonObject,
  type Multiscale,
  type OmeVersion,
  UnsupportedError,
  UsageError,
} from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import {
  type DocumentLocation,
  hasCoordinateSystems,
  hasOutput,
  intrinsicSystemOf,
  isUnit,
  listOf,
  member,
  omitMember,
  type Placement,
  placementSteps,
  scaleByShapes,
  type TransformList,
  transformsInto,
  unitFromSpelling,
} from "@ozx/core/internal";
import type { AxisEdit } from "./edit-request.js";
import { endsOf, placementOf, type Rescaling, rescaled } from "./rescale.js";

/** A multiscale as it is written and as it is read, and where that is. */
export interface WrittenMultiscale {
  readonly written: JsonObject;
  readonly read: Multiscale;
  readonly version: OmeVersion;
  /** The document, for messages. */
  readonly where: DocumentLocation;
}

/**
 * How an edit places the largest level.
 *
 * @throws UsageError for an axis that the image does not have, and for numbers that no pixel can have
 */
export function rescalingOf(
  multiscale: WrittenMultiscale,
  edits: ReadonlyMap<string, AxisEdit>,
): Rescaling | undefined {
  const { axes } = multiscale.read;
  const names = axes.map(({ name }) => name);
  for (const [name, { scale, translation }] of edits) {
    if (!names.includes(name)) {
      throw new UsageError(
        `${describe(multiscale.where)} has no axis ${name}: its axes are ${names.join(", ")}`,
      );
    }
    if (scale !== undefined && !(Number.isFinite(scale) && scale > 0))
      throw new UsageError(`the scale of ${name} must be a number above 0, not ${scale}`);
    if (translation !== undefined && !Number.isFinite(translation))
      throw new UsageError(`the translation of ${name} must be a number, not ${translation}`);
  }
  const isMoved = [...edits.values()].some((edit) => (edit.scale ?? edit.translation) !== undefined);
  const [from] = isMoved ? placementsOf(multiscale) : [];
  if (from === undefined) return undefined;
  const to = {
    scale: names.map((name, axis) => edits.get(name)?.scale ?? from.scale[axis] ?? 1),
    translation: names.map((name, axis) => edits.get(name)?.translation ?? from.translation[axis] ?? 0),
  };
  return { axes: names, from, to };
}

/**
 * A multiscale whose levels follow those of an image; the multiscale itself may be that of the image, or of one of its
 * label images. Each level gets one scale and at most one translation, so that those of the whole multiscale become part of
 * them (0.4 and 0.5).
 *
 * @throws UnsupportedError where a level is placed by more than that
 */
export function withRescaled(multiscale: WrittenMultiscale, rescaling: Rescaling): JsonObject {
  const { written, read, version } = multiscale;
  const placements = placementsOf(multiscale);
  const isTranslated = placements.some(({ translation }) => translation.some((position) => position !== 0));
  const datasets = listOf(written, "datasets").map((dataset, level) => {
    const before = placements[level];
    if (before === undefined) return dataset;
    const placement = rescaled(before, read.axes, rescaling);
    const translated = isTranslated || hasTranslation(dataset);
    const transforms = hasCoordinateSystems(version)
      ? intoSystem(dataset, placement, { system: read.coordinateSystem, translated })
      : placementSteps(placement, { translated });
    return { ...dataset, coordinateTransformations: transforms };
  });
  const others = hasCoordinateSystems(version) ? written : omitMember(written, "coordinateTransformations");
  return { ...others, datasets };
}

function hasTranslation(dataset: JsonObject): boolean {
  return JSON.stringify(dataset["coordinateTransformations"] ?? "").includes('"translation"');
}

/** The transformations of a level of 0.6, of which the one that leads to a coordinate system is replaced. */
function intoSystem(
  dataset: JsonObject,
  placement: Placement,
  { system, translated }: { readonly system: string | undefined; readonly translated: boolean },
): readonly unknown[] {
  const [first, ...rest] = placementSteps(placement, { translated });
  const steps = rest.length === 0 ? first : { type: "sequence", transformations: [first, ...rest] };
  const transforms = member(dataset, "coordinateTransformations");
  const chosen: unknown = Array.isArray(transforms) ? transformsInto(transforms, system) : undefined;
  const [replaced] = Array.isArray(chosen) ? chosen : [];
  if (!Array.isArray(transforms) || !hasOutput(replaced)) {
    const { path } = dataset;
    return [{ ...steps, input: { path }, output: { name: system } }];
  }
  return transforms.map((one: unknown) => (one === replaced ? { ...steps, ...endsOf(replaced) } : one));
}

/** The placement of each level that is written. */
function placementsOf({ written, read, version, where }: WrittenMultiscale): Placement[] {
  const datasets = listOf(written, "datasets");
  if (datasets.length !== read.levels.length) {
    throw new UnsupportedError(
      `${describe(where)} has invalid levels: correct the list of its datasets first`,
      { ...where, feature: "invalid levels" },
    );
  }
  const largest = read.levels[0]?.array?.array.shape;
  const placements: Placement[] = [];
  for (const [level, { array }] of read.levels.entries()) {
    const own = member(datasets[level] ?? {}, "coordinateTransformations");
    const what = `level ${level}`;
    const lists: TransformList[] = hasCoordinateSystems(version)
      ? [{ transforms: transformsInto(own, read.coordinateSystem), what }]
      : [
          { transforms: own, what },
          { transforms: member(written, "coordinateTransformations"), what: "its multiscale" },
        ];
    const { axes } = read;
    const shape = array?.array.shape;
    const hasShapes = largest?.length === axes.length && shape?.length === axes.length;
    const ratios = hasShapes ? scaleByShapes(largest, shape) : axes.map(() => 1);
    const byShapes = ratios.map((ratio, axis) => ratio * (placements[0]?.scale[axis] ?? 1));
    const placement = placementOf(lists, byShapes, ({ type }) => {
      return new UnsupportedError(
        `${what} of ${describe(where)} is placed by the transformation ${type}, and only a scale and a translation can be changed: edit the document by hand`,
        { ...where, feature: `the transformation ${type}` },
      );
    });
    placements.push(placement);
  }
  return placements;
}

/**
 * A multiscale with other units.
 *
 * @param units by the names of the axes; others stay
 * @throws UsageError for a unit that the specification does not list for the axis' type
 */
export function withUnits(
  { written, read, version }: WrittenMultiscale,
  units: ReadonlyMap<string, string>,
): JsonObject {
  const axesWith = (axes: unknown): unknown =>
    Array.isArray(axes)
      ? axes.map((axis: unknown, index) => {
          const known = read.axes[index];
          const unit = known && units.get(known.name);
          return known === undefined || unit === undefined || !isJsonObject(axis)
            ? axis
            : { ...axis, unit: unitOf(known, unit) };
        })
      : axes;
  const systems = written["coordinateSystems"];
  if (!hasCoordinateSystems(version) || !Array.isArray(systems))
    return { ...written, axes: axesWith(written["axes"]) };
  const intrinsic = intrinsicSystemOf(written);
  const chosen = systems.findIndex((one) => isJsonObject(one) && member(one, "name") === intrinsic);
  return {
    ...written,
    coordinateSystems: systems.map((system: unknown, index) =>
      index === Math.max(0, chosen) && isJsonObject(system)
        ? { ...system, axes: axesWith(system["axes"]) }
        : system,
    ),
  };
}

/** The name of a unit in the specification's list ("axes metadata"); those of other axes than space and time are free. */
function unitOf({ name, type }: Axis, text: string): string {
  if (type !== "space" && type !== "time") return text;
  const unit = isUnit(type, text) ? text : unitFromSpelling(type, text);
  if (unit !== undefined) return unit;
  const examples = type === "space" ? "micrometer or nanometer" : "second or millisecond";
  throw new UsageError(
    `${text} is not a unit of the axis ${name}: the specification lists units of ${type} such as ${examples}`,
  );
}

/** As in `zarr.json in image.ozx`. */
function describe({ location, path }: DocumentLocation): string {
  const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
  return folder === "" ? location : `${folder} in ${location}`;
}
