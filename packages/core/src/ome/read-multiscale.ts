import type { Finding } from "../findings/finding.js";
import { isJsonObject, type JsonObject } from "../zarr/json.js";
import type { ArrayNode } from "../zarr/node.js";
import type { ReadContext } from "./context.js";
import { brokenNodeAt } from "./hierarchy-index.js";
import type { Axis, Level, Multiscale } from "./model.js";
import { finding, LEVEL_DIMENSIONS, MISSING_ARRAY, type RuleText, UNREADABLE_PART } from "./problem.js";
import { conventionalAxes, readAxes } from "./read-axes.js";
import { intrinsicSystemOf, systemAxes } from "./read-coordinate-systems.js";
import { readPath } from "./read-path.js";
import { composeTransforms, type TransformList, transformsInto } from "./transforms.js";
import { asName, member, spell } from "./values.js";

/**
 * Reads one member of `multiscales` ("multiscales metadata" of 0.4, 0.5 and 0.6). Levels that cannot be named are
 * left out; undefined where no axes or no levels are left.
 */
export function readMultiscale(value: unknown, context: ReadContext): Multiscale | undefined {
  if (!isJsonObject(value)) {
    context.report(
      UNREADABLE_PART,
      `A multiscale of the image ${context.path} is not an object: ${spell(value)}.`,
    );
    return undefined;
  }
  const datasets = readDatasets(value, context);
  const coordinateSystem = context.version === "0.6" ? intrinsicSystemOf(value) : undefined;
  const axes = axesOf(value, coordinateSystem, datasets, context);
  if (datasets.length === 0 || axes === undefined) return undefined;
  return {
    name: asName(member(value, "name")),
    type: asName(member(value, "type")),
    axes,
    levels: datasets.map((dataset) => {
      const own = member(dataset.metadata, "coordinateTransformations");
      const what = `level "${dataset.name}" of the image ${context.path}`;
      // In 0.6 those of the multiscale lead on from the system that its axes are of.
      const transforms: TransformList[] =
        context.version === "0.6"
          ? [{ transforms: transformsInto(own, coordinateSystem), what }]
          : [
              { transforms: own, what },
              { transforms: member(value, "coordinateTransformations"), what: `the multiscale of ${what}` },
            ];
      return readLevel(dataset, axes, transforms, context);
    }),
    coordinateSystem,
  };
}

interface Dataset {
  /** As the metadata spells it. */
  readonly name: string;
  readonly path: Level["path"];
  readonly array: ArrayNode | undefined;
  readonly metadata: JsonObject;
}

function readDatasets(multiscale: JsonObject, context: ReadContext): Dataset[] {
  const { hierarchy, path, report } = context;
  const datasets = member(multiscale, "datasets");
  if (!Array.isArray(datasets)) {
    report(UNREADABLE_PART, `The image ${path} has no list of datasets.`);
    return [];
  }
  return datasets.flatMap((metadata: unknown, index) => {
    const name = isJsonObject(metadata) ? member(metadata, "path") : undefined;
    const resolved = readPath(name, `Dataset ${index} of the image ${path}`, context);
    if (!isJsonObject(metadata) || typeof name !== "string" || resolved === undefined) return [];
    const node = hierarchy.nodes.get(resolved);
    return [{ name, path: resolved, array: node?.kind === "array" ? node : undefined, metadata }];
  });
}

/** As many dimensions as an array of NumPy had for long; more would be no image but an attack. */
const MOST_AXES = 32;

function axesOf(
  multiscale: JsonObject,
  coordinateSystem: string | undefined,
  datasets: readonly Dataset[],
  context: ReadContext,
): Axis[] | undefined {
  const written =
    context.version === "0.6" ? systemAxes(multiscale, coordinateSystem) : member(multiscale, "axes");
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

function readLevel(
  { name, path, array }: Dataset,
  axes: readonly Axis[],
  transforms: readonly TransformList[],
  { hierarchy, path: imagePath }: ReadContext,
): Level {
  const problems: Finding[] = [];
  const report = (text: RuleText, message: string): void => {
    problems.push(finding(text, path, message));
  };
  const what = `level "${name}" of the image ${imagePath}`;
  if (array === undefined) {
    const broken = brokenNodeAt(hierarchy, path);
    report(
      MISSING_ARRAY,
      broken
        ? `The array of ${what} cannot be read: ${broken.error.message}.`
        : `There is no array at ${path} for ${what}.`,
    );
  } else if (array.array.shape.length !== axes.length) {
    report(
      LEVEL_DIMENSIONS,
      `The array of ${what} has ${array.array.shape.length} dimensions; the image has ${axes.length} axes.`,
    );
  }
  const placement = composeTransforms(transforms, axes.length, ({ text, message }) => report(text, message));
  return { path, ...placement, array, problems };
}
