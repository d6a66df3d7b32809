import { UnsupportedError } from "../../errors.js";
import { positionAfter } from "../../image/pyramid-shapes.js";
import { member } from "../../ome/ome-metadata.js";
import { composeAll, hasOutput, placementSteps, type TransformProblem } from "../../ome/transforms.js";
import { isJsonObject, type JsonObject } from "../../zarr/json.js";

/**
 * A dataset's metadata after its array lost the pixels before `start`: what was the pixel at `start` is the first
 * now, so the translation grows by `start` pixels, in the dataset's own scale. Those of the multiscale are applied
 * after it, and stay as they are.
 *
 * @param start one number an axis, 0 for axes that are not positions
 * @param where the dataset, for messages
 * @throws UnsupportedError for transformations other than scale and translation, which cannot be moved so
 */
export function moveDataset(
  dataset: JsonObject,
  start: readonly number[],
  where: { location: string; path: string },
): JsonObject {
  if (start.every((pixels) => pixels === 0)) return dataset;
  const written = member(dataset, "coordinateTransformations");
  const moved =
    Array.isArray(written) && written.some(hasOutput)
      ? written.map((transform: unknown) => moveTransform(transform, start, where))
      : moveSteps(written, start, where);
  return { ...dataset, coordinateTransformations: moved };
}

/** 0.6: each transformation has two ends and leads from the array; it is a `sequence` once there is a translation. */
function moveTransform(
  transform: unknown,
  start: readonly number[],
  where: { location: string; path: string },
): JsonObject {
  const transformations = moveSteps([transform], start, where);
  const {
    type: _type,
    scale: _scale,
    translation: _translation,
    ...ends
  } = isJsonObject(transform) ? transform : {};
  return { ...ends, type: "sequence", transformations };
}

function moveSteps(
  transforms: unknown,
  start: readonly number[],
  where: { location: string; path: string },
): JsonObject[] {
  const what = `the level ${where.path}`;
  const { scale, translation } = composeAll([{ transforms, what }], start.length, (problem) =>
    cannotMove(problem, where),
  );
  return placementSteps({
    scale,
    translation: translation.map((offset, axis) => positionAfter(offset, start[axis] ?? 0, scale[axis] ?? 1)),
  });
}

function cannotMove({ type }: TransformProblem, where: { location: string; path: string }): UnsupportedError {
  return new UnsupportedError(
    `the level ${where.path} in ${where.location} cannot be cut: its transformation ${type} is not a list of numbers, one an axis, of a scale or a translation; take it whole`,
    { ...where, feature: `transformation ${type}` },
  );
}
