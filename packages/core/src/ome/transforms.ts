import { isJsonObject } from "../zarr/json.js";
import { type RuleText, TRANSFORM_LENGTH, UNREADABLE_PART, UNSUPPORTED_TRANSFORM } from "./problem.js";
import { asNumbers, member, spell } from "./values.js";

/** From pixel to position: `position = scale × pixel + translation`, an axis at a time. */
export interface Placement {
  readonly scale: readonly number[];
  readonly translation: readonly number[];
}

/** Tells of a transformation that is not applied. */
export type TransformProblem = (text: RuleText, message: string) => void;

export function identityPlacement(dimensions: number): Placement {
  return { scale: Array(dimensions).fill(1), translation: Array(dimensions).fill(0) };
}

/**
 * Applies `coordinateTransformations` one after the other to a placement (0.4 and 0.5 "coordinateTransformations
 * metadata"; 0.6 the same with `sequence`). What cannot be applied is reported and left out.
 *
 * @param what the list's owner, for messages, as in `level "0" of the image /`
 */
export function applyTransforms(
  start: Placement,
  transforms: unknown,
  what: string,
  report: TransformProblem,
): Placement {
  if (transforms === undefined) return start;
  if (!Array.isArray(transforms)) {
    report(UNREADABLE_PART, `The coordinateTransformations of ${what} are not a list.`);
    return start;
  }
  return transforms.reduce<Placement>(
    (placement, transform: unknown) => applyTransform(placement, transform, what, report),
    start,
  );
}

function applyTransform(
  placement: Placement,
  transform: unknown,
  what: string,
  report: TransformProblem,
): Placement {
  const type = isJsonObject(transform) ? member(transform, "type") : undefined;
  if (!isJsonObject(transform) || typeof type !== "string") {
    report(UNREADABLE_PART, `A coordinate transformation of ${what} has no type: ${spell(transform)}.`);
    return placement;
  }
  switch (type) {
    case "identity":
      return placement;
    case "sequence":
      return applyTransforms(placement, member(transform, "transformations"), what, report);
    case "scale":
    case "translation":
      break;
    default:
      report(UNSUPPORTED_TRANSFORM, `The transformation "${type}" of ${what} is not applied.`);
      return placement;
  }
  if (!Object.hasOwn(transform, type) && Object.hasOwn(transform, "path")) {
    report(UNSUPPORTED_TRANSFORM, `The ${type} of ${what} is kept in an array and is not applied.`);
    return placement;
  }
  const numbers = asNumbers(member(transform, type));
  if (numbers === undefined) {
    report(UNREADABLE_PART, `The ${type} of ${what} is not a list of numbers.`);
    return placement;
  }
  if (numbers.length !== placement.scale.length) {
    report(
      TRANSFORM_LENGTH,
      `The ${type} of ${what} has ${numbers.length} numbers for ${placement.scale.length} axes.`,
    );
    return placement;
  }
  const times = (values: readonly number[]): number[] => values.map((v, i) => v * (numbers[i] ?? 1));
  return type === "scale"
    ? { scale: times(placement.scale), translation: times(placement.translation) }
    : { scale: placement.scale, translation: placement.translation.map((v, i) => v + (numbers[i] ?? 0)) };
}
