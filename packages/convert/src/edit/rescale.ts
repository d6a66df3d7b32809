import type { Axis, JsonObject } from "@ozx/core";
import {
  composeTransforms,
  type Placement,
  type TransformProblem,
  UNSUPPORTED_TRANSFORM,
} from "@ozx/core/internal";

/** How the largest level of an image was placed, and is from now on; one number per axis. */
export interface Rescaling {
  /** The names of the axes. */
  readonly axes: readonly string[];
  readonly from: Placement;
  readonly to: Placement;
}

/**
 * The placement of a level, or of a level of a label image, after the largest level of its image got another scale or
 * translation: the ratio of the scales stays, and so does the position as a number of pixels of the largest level.
 *
 * @param axes of the level, found in those of the image by their names; others stay
 */
export function rescaled(
  { scale, translation }: Placement,
  axes: readonly Pick<Axis, "name">[],
  { axes: names, from, to }: Rescaling,
): Placement {
  const moved = axes.map(({ name }, axis): [number, number] => {
    const size = scale[axis] ?? 1;
    const position = translation[axis] ?? 0;
    const index = names.indexOf(name);
    const [before, after] = [from.scale[index], to.scale[index]];
    const [start, end] = [from.translation[index], to.translation[index]];
    if (before === undefined || after === undefined || start === undefined || end === undefined)
      return [size, position];
    // What does not change keeps all its digits.
    if (before === after) return [size, start === end ? position : end + (position - start)];
    const offset = isSize(before) ? (position - start) * (after / before) : position - start;
    return [ratioOf(size, before) * after, end + offset];
  });
  return { scale: moved.map(([size]) => size), translation: moved.map(([, position]) => position) };
}

/** How many times larger a pixel is: the whole number that is meant where it is one but for rounding. */
function ratioOf(size: number, base: number): number {
  if (!isSize(size) || !isSize(base)) return 1;
  const ratio = size / base;
  const whole = Math.round(ratio);
  return Math.abs(ratio - whole) < 1e-9 * ratio ? whole : ratio;
}

function isSize(value: number): boolean {
  return Number.isFinite(value) && value > 0;
}

/**
 * The placement that lists of transformations result in. Where they are missing or not valid, the scale follows from the
 * shapes of the arrays, as all levels cover the same extent.
 *
 * @param byShapes the scale in pixels of the largest level
 * @param refuse returns the error to throw for transformations that are valid, and more than a scale and a translation
 */
export function placementOf(
  lists: Parameters<typeof composeTransforms>[0],
  byShapes: readonly number[],
  refuse: (problem: TransformProblem) => Error,
): Placement {
  let isKnown = lists.some(({ transforms }) => transforms !== undefined);
  const placement = composeTransforms(lists, byShapes.length, (problem) => {
    if (problem.text.id === UNSUPPORTED_TRANSFORM.id) throw refuse(problem);
    isKnown = false;
  });
  if (isKnown && placement.scale.every(isSize)) return placement;
  return { scale: byShapes, translation: byShapes.map(() => 0) };
}

/** The members of a transformation that say where it leads from and to. */
export function endsOf(transform: JsonObject): JsonObject {
  const ends = ["name", "input", "output"].filter((key) => Object.hasOwn(transform, key));
  return Object.fromEntries(ends.map((key) => [key, transform[key]]));
}
