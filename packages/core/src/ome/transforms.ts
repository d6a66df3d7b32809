import { isJsonObject, type JsonObject } from "../zarr/json.js";
import { asName, asNumbers, formatValue, member } from "./ome-metadata.js";
import { type RuleText, TRANSFORM_LENGTH, UNREADABLE_PART, UNSUPPORTED_TRANSFORM } from "./read-context.js";

/** From pixel to position: `position = scale × pixel + translation`, one number an axis, in the axes' units. */
export interface Placement {
  readonly scale: readonly number[];
  readonly translation: readonly number[];
}

/** Transformations that are written in one place. */
export interface TransformList {
  /** As written: `coordinateTransformations`, or undefined where there are none. */
  readonly transforms: unknown;
  /** Where they stand, for messages, as in `level "0" of the image /`. */
  readonly what: string;
}

/** A transformation that a placement cannot say. */
export interface TransformProblem {
  readonly text: RuleText;
  /** A sentence. */
  readonly message: string;
  /** The transformation's type as written, and the list that it stands in. */
  readonly type: string;
  readonly what: string;
}

/**
 * What lists of transformations come to, applied in turn: the first of the first list to the pixel, each other one to
 * what the one before it gives. So a scale multiplies the translations before it, and none after it (0.4 and 0.5
 * "coordinateTransformations metadata": in order, those of the dataset before those of the multiscale; 0.6 "sequence").
 *
 * @param dimensions the number of axes, which each scale and translation must have numbers for
 * @param report is called for what cannot be applied, which is then left out; what it throws is thrown
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
        translation = translation.map((place, axis) => place * (numbers[axis] ?? 1));
      } else {
        translation = translation.map((place, axis) => place + (numbers[axis] ?? 0));
      }
    }
  }
  return { scale, translation };
}

/**
 * The same for metadata that is written anew, from which nothing may be left out.
 *
 * @param refuse makes the error that is thrown for what cannot be applied, or comes to no number that JSON can say
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
  const message = `The transformations of ${what} come to numbers that are too large.`;
  throw refuse({ text: UNREADABLE_PART, message, type: "of too large numbers", what });
}

/** One transformation of a list, and the type that it has or can only have. */
export interface TransformStep {
  readonly type: string | undefined;
  readonly written: unknown;
}

/** The transformations of a list in turn, with those of a `sequence` in its place. */
export function transformSteps(transforms: unknown): TransformStep[] {
  const steps: TransformStep[] = [];
  // A stack, for sequences may be nested deeper than calls can be.
  const left: unknown[] = Array.isArray(transforms) ? transforms.slice().reverse() : [];
  while (left.length > 0) {
    const written = left.pop();
    const type = typeOf(written);
    const inner =
      isJsonObject(written) && type === "sequence" ? member(written, "transformations") : undefined;
    if (Array.isArray(inner)) for (const one of inner.slice().reverse()) left.push(one);
    else steps.push({ type, written });
  }
  return steps;
}

/** Where only few types can stand, 0.6 lets the type be left out: a level's transformation, and its steps. */
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

/** The numbers of a scale or translation, or why there are none. */
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
    return problem(UNSUPPORTED_TRANSFORM, `The ${type} of ${what} is kept in an array and is not applied.`);
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
 * The transformations of a 0.6 level that lead to a coordinate system. With an `output` each leads from the array, so
 * that others beside it are no steps after it.
 *
 * @param transforms the `coordinateTransformations` of a dataset, as written
 */
export function transformsInto(transforms: unknown, system: string | undefined): unknown {
  if (!Array.isArray(transforms)) return transforms;
  const ended = transforms.filter(hasOutput);
  if (ended.length === 0) return transforms;
  return [ended.find((one) => outputOf(one) === system) ?? ended[0]];
}

/** Whether it is a transformation of 0.6 that says where it leads. */
export function hasOutput(transform: unknown): transform is JsonObject {
  return isJsonObject(transform) && Object.hasOwn(transform, "output");
}

/** The name of the coordinate system that a transformation leads to. Before the release candidate, it stood bare. */
export function outputOf(transform: JsonObject): string | undefined {
  const output = member(transform, "output");
  return asName(isJsonObject(output) ? member(output, "name") : output);
}

/**
 * The transformations that say a placement ("coordinateTransformations metadata": one scale, then one translation).
 *
 * @param options.translated false leaves a translation out that is 0 along every axis
 */
export function placementSteps(
  { scale, translation }: Placement,
  { translated = true }: { readonly translated?: boolean } = {},
): [JsonObject, ...JsonObject[]] {
  if (!translated && translation.every((place) => place === 0)) return [{ type: "scale", scale }];
  return [
    { type: "scale", scale },
    { type: "translation", translation },
  ];
}
