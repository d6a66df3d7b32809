import { type Finding, type RuleText, violation } from "../findings.js";
import { joinKey } from "../store/store-keys.js";
import { isJsonObject, type JsonObject } from "../zarr/json.js";
import { type ArrayNode, brokenNodeAt } from "../zarr/zarr-node.js";
import type { Axis, Level, Multiscale } from "./model.js";
import { asName, asString, formatValue, member } from "./ome-metadata.js";
import {
  LEVEL_DIMENSIONS,
  MISSING_ARRAY,
  type ReadContext,
  readPath,
  UNREADABLE_PART,
} from "./read-context.js";
import { composeTransforms, outputOf, type TransformList, transformsInto } from "./transforms.js";
import { hasCoordinateSystems } from "./version-names.js";

/**
 * Reads one member of `multiscales` ("multiscales metadata" from 0.4 on). Levels without a valid path have no array, and
 * keep their numbers; undefined where there are no axes or no levels.
 */
export function readMultiscale(value: unknown, context: ReadContext): Multiscale | undefined {
  if (!isJsonObject(value)) {
    context.report(
      UNREADABLE_PART,
      `A multiscale of the image ${context.path} is not an object: ${formatValue(value)}.`,
    );
    return undefined;
  }
  const datasets = readDatasets(value, context);
  const hasSystems = hasCoordinateSystems(context.version);
  const coordinateSystem = hasSystems ? intrinsicSystemOf(value) : undefined;
  const axes = axesOf(value, coordinateSystem, datasets, context);
  if (datasets.length === 0 || axes === undefined) return undefined;
  return {
    name: asName(member(value, "name")),
    type: asName(member(value, "type")),
    axes,
    levels: datasets.map((dataset) => {
      const own = member(dataset.metadata, "coordinateTransformations");
      const what = `level "${dataset.name}" of the image ${context.path}`;
      // In 0.6, those of the multiscale lead from the intrinsic system to others.
      const transforms: TransformList[] = hasSystems
        ? [{ transforms: transformsInto(own, coordinateSystem), what }]
        : [
            { transforms: own, what },
            { transforms: member(value, "coordinateTransformations"), what: `the multiscale of ${what}` },
          ];
      const largest =
        context.version < "0.4" && own === undefined ? datasets[0]?.array?.array.shape : undefined;
      return readLevel(dataset, { axes, transforms, largest }, context);
    }),
    coordinateSystem,
  };
}

interface Dataset {
  /** The path as written. */
  readonly name: string;
  readonly path: Level["path"];
  readonly array: ArrayNode | undefined;
  readonly metadata: JsonObject;
  /** Whether the path leads to a place in the hierarchy. */
  readonly isInside: boolean;
  /** What is wrong with the path. */
  readonly problems: readonly Finding[];
}

function readDatasets(multiscale: JsonObject, context: ReadContext): Dataset[] {
  const { hierarchy, path } = context;
  const datasets = member(multiscale, "datasets");
  if (!Array.isArray(datasets)) {
    context.report(UNREADABLE_PART, `The image ${path} has no list of datasets.`);
    return [];
  }
  return datasets.map((value: unknown, index) => {
    const metadata = isJsonObject(value) ? value : {};
    const written = member(metadata, "path");
    const problems: Finding[] = [];
    const report = (text: RuleText, message: string): void => {
      problems.push(violation(text, path, message));
    };
    const what = (): string => `Dataset ${index} of the image ${path}`;
    const resolved = readPath(written, what, { hierarchy, path, report });
    const isInside = resolved !== undefined;
    const name = typeof written === "string" ? written : `datasets[${index}]`;
    const node = isInside ? hierarchy.nodes.get(resolved) : undefined;
    return {
      ...{ name, path: resolved ?? joinKey(path, `datasets[${index}]`), metadata, isInside, problems },
      array: node?.kind === "array" ? node : undefined,
    };
  });
}

/** The limit of NumPy 1; metadata with more axes is not an image. */
const MOST_AXES = 32;

function axesOf(
  multiscale: JsonObject,
  coordinateSystem: string | undefined,
  datasets: readonly Dataset[],
  context: ReadContext,
): Axis[] | undefined {
  const written = hasCoordinateSystems(context.version)
    ? systemAxes(multiscale, coordinateSystem)
    : member(multiscale, "axes");
  const axes = readAxes(written, context);
  if (axes !== undefined && axes.length > MOST_AXES) {
    context.report(UNREADABLE_PART, `The image ${context.path} has ${axes.length} axes.`);
    return undefined;
  }
  if (axes !== undefined) return axes;
  const array = datasets.find((dataset) => dataset.array !== undefined)?.array?.array;
  const assumed = conventionalAxes(array?.shape.length ?? 0);
  const expected = context.version === "0.1" || context.version === "0.2";
  if (assumed !== undefined && !expected) {
    context.report(
      UNREADABLE_PART,
      `The image ${context.path} does not say what its axes are; ${assumed.map(({ name }) => name).join(", ")} are assumed.`,
    );
  }
  return assumed ?? (expected ? conventionalAxes(5) : undefined);
}

/** What determines where the pixels of a level are. */
interface LevelPlacement {
  readonly axes: readonly Axis[];
  readonly transforms: readonly TransformList[];
  /** The shape of the largest level, for versions that have nothing but shapes. */
  readonly largest: readonly number[] | undefined;
}

function readLevel(
  { name, path, array, isInside, problems: ofPath }: Dataset,
  { axes, transforms, largest }: LevelPlacement,
  { hierarchy, path: imagePath }: ReadContext,
): Level {
  const problems: Finding[] = [...ofPath];
  const report = (text: RuleText, message: string): void => {
    problems.push(violation(text, path, message));
  };
  const what = `level "${name}" of the image ${imagePath}`;
  if (isInside && array === undefined) {
    const broken = brokenNodeAt(hierarchy, path);
    report(
      MISSING_ARRAY,
      broken
        ? `The array of ${what} cannot be read: ${broken.error.message}.`
        : `There is no array at ${path} for ${what}.`,
    );
  } else if (array !== undefined && array.array.shape.length !== axes.length) {
    report(
      LEVEL_DIMENSIONS,
      `The array of ${what} has ${array.array.shape.length} dimensions; the image has ${axes.length} axes.`,
    );
  }
  const placement = composeTransforms(transforms, axes.length, ({ text, message }) => report(text, message));
  const hasShapes = largest?.length === axes.length && array?.array.shape.length === axes.length;
  const scale = hasShapes ? scaleByShapes(largest, array.array.shape) : placement.scale;
  return { path, ...placement, scale, array, problems };
}

/**
 * The scale of a level in pixels of the largest one, as ome-zarr-py computes it: both cover the same part of the world,
 * so it is the ratio of their shapes.
 */
export function scaleByShapes(largest: readonly number[], shape: readonly number[]): number[] {
  return largest.map((extent, axis) => extent / (shape[axis] || extent || 1) || 1);
}

/**
 * Reads a list of axes: objects since 0.4 ("axes metadata"), bare names in 0.3. An axis without a name gets one from its
 * index, so that the other axes stay in place. Undefined where there is no list.
 */
export function readAxes(value: unknown, context: ReadContext): Axis[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.map((axis: unknown, index) => {
    if (typeof axis === "string") return { name: axis, type: TYPES_BY_NAME.get(axis), unit: undefined };
    const name = isJsonObject(axis) ? asName(member(axis, "name")) : undefined;
    if (name === undefined) {
      context.report(UNREADABLE_PART, `Axis ${index} of ${context.path} has no name: ${formatValue(axis)}.`);
    }
    const orientation = isJsonObject(axis) ? orientationOf(axis) : undefined;
    return {
      name: name ?? `dim_${index}`,
      type: isJsonObject(axis) ? asString(member(axis, "type")) : undefined,
      unit: isJsonObject(axis) ? asString(member(axis, "unit")) : undefined,
      ...(orientation !== undefined && { orientation }),
    };
  });
}

/** RFC-4: the anatomical orientation of an axis. Some writers have it in versions that do not know it yet. */
function orientationOf(axis: JsonObject): string | undefined {
  const orientation = member(axis, "orientation");
  return isJsonObject(orientation) ? asName(member(orientation, "value")) : undefined;
}

/** The axes of 0.1 and 0.2, which do not name them: the last of t, c, z, y, x. Undefined for other numbers than 1 to 5. */
function conventionalAxes(dimensions: number): Axis[] | undefined {
  if (dimensions < 1 || dimensions > CONVENTION.length) return undefined;
  return CONVENTION.slice(-dimensions).map((name) => ({
    name,
    type: TYPES_BY_NAME.get(name),
    unit: undefined,
  }));
}

/** The axes of images that do not name them. */
export const CONVENTION: readonly string[] = ["t", "c", "z", "y", "x"];

/** The types of axes with conventional names. */
export const TYPES_BY_NAME: ReadonlyMap<string, string> = new Map([
  ["t", "time"],
  ["c", "channel"],
  ["z", "space"],
  ["y", "space"],
  ["x", "space"],
]);

/**
 * The name of the "intrinsic" coordinate system of a 0.6 multiscale, which its levels are placed in: the `output` of the
 * datasets' transformations (0.6 "multiscales metadata"), or else the first system that is listed. The transformations of
 * the multiscale itself lead from there to other systems, so they do not place levels.
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

/** The `axes` of a coordinate system, as written; where there is no system, those of the multiscale, as before 0.6. */
export function systemAxes(multiscale: JsonObject, name: string | undefined): unknown {
  const systems = listOf(multiscale, "coordinateSystems");
  const system = systems.find((candidate) => member(candidate, "name") === name) ?? systems[0];
  return system ? member(system, "axes") : member(multiscale, "axes");
}

/** The objects in a member that should be a list of objects; empty where it is not a list. */
export function listOf(object: JsonObject, key: string): JsonObject[] {
  const value = member(object, key);
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}
