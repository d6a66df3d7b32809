import type { RuleText } from "../findings.js";
import { isJsonObject, type JsonObject } from "../zarr/json.js";
import { asName, asNumbers, formatValue, member } from "./ome-metadata.js";
import { TRANSFORM_LENGTH, UNREADABLE_PART, UNSUPPORTED_TRANSFORM } from "./read-context.js";

/** The mapping from pixels to positions, `position = scale × pixel + translation`: one number an axis, in the axes' units. */
export interface Placement {
  readonly scale: readonly number[];
  readonly translation: readonly number[];
}

/** One list of transformations. */
export interface TransformList {
  /** `coordinateTransformations` as written; undefined where there are none. */
  readonly transforms: unknown;
  /** What they belong to, for messages, as in `level "0" of the image /`. */
  readonly what: string;
}

/** A transformation that is not valid, or that a {@link Placement} cannot express. */
export interface TransformProblem {
  readonly text: RuleText;
  /** A sentence. */
  readonly message: string;
  /** The transformation's type as written. */
  readonly type: string;
  /** What its list belongs to, as in {@link TransformList}. */
  readonly what: string;
}

/**
 * Composes lists of transformations: the first one of the first list is applied to the pixel, each other one to the
 * result of the one before. So a scale multiplies the translations before it, and none after it (0.4 and 0.5
 * "coordinateTransformations metadata": in order, those of the dataset before those of the multiscale; 0.6 "sequence").
 *
 * @param dimensions the number of axes, and of numbers in each scale and translation
 * @param report called for each transformation that cannot be applied, which is then ignored; it may throw
 */
export function composeTransforms(
  lists: readonly TransformList[],
  dimensions: number,
  report: (problem: TransformProblem) => void,
): Placement {
  let scale: readonly number[] = Array<number>(dimensions).fill(1);
  let translation: readonly number[] = Array<number>(dimensions).fill(0);
  for (const { transforms, what } of lists) {
    if (transforms !== undefined && !Array.isArray(transforms)) {
      const message = `The coordinateTransformations of ${what} are not a list.`;
      report({ text: UNREADABLE_PART, message, type: "nothing", what });
    }
    for (const step of transformSteps(transforms)) {
      if (step.type === "identity") continue;
      const numbers = numbersOf(step, dimensions, what);
      if (!Array.isArray(numbers)) {
        report(numbers);
      } else if (step.type === "scale") {
        scale = scale.map((size, axis) => size * (numbers[axis] ?? 1));
        translation = translation.map((position, axis) => position * (numbers[axis] ?? 1));
      } else {
        translation = translation.map((position, axis) => position + (numbers[axis] ?? 0));
      }
    }
  }
  return { scale, translation };
}

/**
 * Like {@link composeTransforms} for metadata that is to be rewritten, so that no transformation may be ignored.
 *
 * @param refuse returns the error to throw for a transformation that cannot be applied, or for numbers that JSON cannot
 * express
 */
export function composeAll(
  lists: readonly TransformList[],
  dimensions: number,
  refuse: (problem: TransformProblem) => Error,
): Placement {
  const placement = composeTransforms(lists, dimensions, (problem) => {
    throw refuse(problem);
  });
  if ([...placement.scale, ...placement.translation].every(Number.isFinite)) return placement;
  const what = lists[0]?.what ?? "";
  const message = `The transformations of ${what} result in numbers that are too large.`;
  throw refuse({ text: UNREADABLE_PART, message, type: "of too large numbers", what });
}

/** One transformation of a list, as written, and its type, which 0.6 allows to be omitted where only one is possible. */
interface TransformStep {
  readonly type: string | undefined;
  readonly written: unknown;
}

/** The transformations of a list, where those of a `sequence` replace it. */
export function transformSteps(transforms: unknown): TransformStep[] {
  const steps: TransformStep[] = [];
  // A stack instead of recursion, since sequences may be nested deeply.
  const remaining: unknown[] = Array.isArray(transforms) ? transforms.slice().reverse() : [];
  while (remaining.length > 0) {
    const written = remaining.pop();
    const type = typeOf(written);
    const inner =
      isJsonObject(written) && type === "sequence" ? member(written, "transformations") : undefined;
    if (Array.isArray(inner)) for (const one of inner.slice().reverse()) remaining.push(one);
    else steps.push({ type, written });
  }
  return steps;
}

/** The type of a transformation. 0.6 allows it to be omitted from a level's transformation and its steps. */
function typeOf(transform: unknown): string | undefined {
  if (!isJsonObject(transform)) return undefined;
  const type = member(transform, "type");
  if (type !== undefined) return typeof type === "string" ? type : undefined;
  const members = Object.keys(transform).filter((key) => !ENDS.has(key));
  if (members.length === 0) return hasOutput(transform) ? "identity" : undefined;
  const possible = members.filter((key) => key === "scale" || key === "translation");
  return possible.length === 1 ? possible[0] : undefined;
}

const ENDS: ReadonlySet<string> = new Set(["name", "input", "output"]);

/** The numbers of a scale or translation, or the problem with it. */
function numbersOf(
  { type, written }: TransformStep,
  dimensions: number,
  what: string,
): number[] | TransformProblem {
  const problem = (text: RuleText, message: string): TransformProblem => ({
    text,
    message,
    type: type ?? "nothing",
    what,
  });
  if (!isJsonObject(written) || type === undefined) {
    return problem(
      UNREADABLE_PART,
      `A coordinate transformation of ${what} has no type: ${formatValue(written)}.`,
    );
  }
  if (type === "sequence") {
    return problem(UNREADABLE_PART, `A sequence of ${what} has no list of transformations.`);
  }
  if (type !== "scale" && type !== "translation") {
    return problem(UNSUPPORTED_TRANSFORM, `The transformation "${type}" of ${what} is not applied.`);
  }
  if (!Object.hasOwn(written, type) && Object.hasOwn(written, "path")) {
    return problem(UNSUPPORTED_TRANSFORM, `The ${type} of ${what} is stored in an array and is not applied.`);
  }
  const numbers = asNumbers(member(written, type));
  if (numbers === undefined) {
    return problem(UNREADABLE_PART, `The ${type} of ${what} is not a list of numbers.`);
  }
  if (numbers.length !== dimensions) {
    return problem(
      TRANSFORM_LENGTH,
      `The ${type} of ${what} has ${numbers.length} numbers for ${dimensions} axes.`,
    );
  }
  return numbers;
}

/**
 * The transformations of a 0.6 level that lead to a coordinate system. A transformation with an `output` leads from the
 * array to a system of its own, so it is not a step after the one before it.
 *
 * @param transforms the `coordinateTransformations` of a dataset, as written
 */
export function transformsInto(transforms: unknown, system: string | undefined): unknown {
  if (!Array.isArray(transforms)) return transforms;
  const ended = transforms.filter(hasOutput);
  if (ended.length === 0) return transforms;
  return [ended.find((one) => outputOf(one) === system) ?? ended[0]];
}

/** Whether a value is a transformation with an `output`, as in 0.6. */
export function hasOutput(transform: unknown): transform is JsonObject {
  return isJsonObject(transform) && Object.hasOwn(transform, "output");
}

/** The name of the coordinate system that a transformation leads to. Before 0.6rc0, `output` was the bare name. */
export function outputOf(transform: JsonObject): string | undefined {
  const output = member(transform, "output");
  return asName(isJsonObject(output) ? member(output, "name") : output);
}

/**
 * The transformations that express a placement ("coordinateTransformations metadata": one scale, then one translation).
 *
 * @param options.translated if false, a translation that is 0 along every axis is omitted
 */
export function placementSteps(
  { scale, translation }: Placement,
  { translated = true }: { readonly translated?: boolean } = {},
): [JsonObject, ...JsonObject[]] {
  if (!translated && translation.every((position) => position === 0)) return [{ type: "scale", scale }];
  return [
    { type: "scale", scale },
    { type: "translation", translation },
  ];
}
