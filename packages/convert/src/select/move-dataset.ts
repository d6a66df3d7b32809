import { type JsonObject, UnsupportedError } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import {
  composeAll,
  type DocumentLocation,
  hasOutput,
  member,
  placementSteps,
  type TransformProblem,
} from "@ozx/core/internal";
import { placementBelow, positionAfter } from "../pyramid/pyramid-shapes.js";

/** How the pixels of a level lie in those of its array before. */
export interface PixelMove {
  /** The pixel that is now the first, one index per axis; 0 for axes that are not positions. */
  readonly start: readonly number[];
  /** How many pixels have become one, along each axis; 1 by default. */
  readonly factors?: readonly number[] | undefined;
}

/**
 * The metadata of a dataset whose array lost the pixels before `start`: the translation grows by `start` pixels in the
 * dataset's own scale. Pixels that became one lie where their middle was, and are as large as all of them. The
 * transformations of the multiscale are applied afterwards, and do not change.
 *
 * @param where the dataset, for messages
 * @throws UnsupportedError for transformations other than scale and translation
 */
export function moveDataset(dataset: JsonObject, move: PixelMove, where: DocumentLocation): JsonObject {
  const isOne = move.factors?.every((factor) => factor === 1) ?? true;
  if (isOne && move.start.every((pixels) => pixels === 0)) return dataset;
  const written = member(dataset, "coordinateTransformations");
  const moved =
    Array.isArray(written) && written.some(hasOutput)
      ? written.map((transform: unknown) => moveTransform(transform, move, where))
      : moveSteps(written, move, where);
  return { ...dataset, coordinateTransformations: moved };
}

/** 0.6: a transformation has an input and an output. It becomes a `sequence`, to hold the translation. */
function moveTransform(transform: unknown, move: PixelMove, where: DocumentLocation): JsonObject {
  const transformations = moveSteps([transform], move, where);
  const {
    type: _type,
    scale: _scale,
    translation: _translation,
    ...inputAndOutput
  } = isJsonObject(transform) ? transform : {};
  return { ...inputAndOutput, type: "sequence", transformations };
}

function moveSteps(
  transforms: unknown,
  { start, factors }: PixelMove,
  where: DocumentLocation,
): JsonObject[] {
  const what = `the level ${where.path}`;
  const { scale, translation } = composeAll([{ transforms, what }], start.length, (problem) =>
    cannotMove(problem, where),
  );
  const moved = {
    scale,
    translation: translation.map((offset, axis) => positionAfter(offset, start[axis] ?? 0, scale[axis] ?? 1)),
  };
  return placementSteps(factors === undefined ? moved : placementBelow(moved, factors));
}

function cannotMove({ type }: TransformProblem, where: DocumentLocation): UnsupportedError {
  return new UnsupportedError(
    `the level ${where.path} in ${where.location} cannot be cut: its transformation ${type} is not a scale or a translation given as one number per axis; take the whole image`,
    { ...where, feature: `transformation ${type}` },
  );
}
