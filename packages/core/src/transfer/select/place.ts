import { UnsupportedError } from "../../errors.js";
import { placeAfter } from "../../image/decimals.js";
import { asNumbers, member } from "../../ome/values.js";
import { isJsonObject, type JsonObject } from "../../zarr/json.js";

/**
 * A dataset's metadata after its array lost the pixels before `start`: what was the pixel at `start` is the first
 * now, so the translation grows by `start` pixels, in the dataset's own scale.
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
  const list = Array.isArray(written) ? written.filter(isJsonObject) : [];
  const [only] = list;
  const moved =
    only !== undefined && Object.hasOwn(only, "output")
      ? [moveTransform(only, start, where)]
      : moveSteps(list, start, where);
  return { ...dataset, coordinateTransformations: moved };
}

/** 0.6: one transformation with two ends, a `sequence` as soon as there is a translation. */
function moveTransform(
  transform: JsonObject,
  start: readonly number[],
  where: { location: string; path: string },
): JsonObject {
  const { type: _type, scale: _scale, transformations, ...ends } = transform;
  const steps =
    transform["type"] === "sequence" && Array.isArray(transformations)
      ? transformations.filter(isJsonObject)
      : [own(transform)];
  return { ...ends, type: "sequence", transformations: moveSteps(steps, start, where) };
}

function own({ type, scale }: JsonObject): JsonObject {
  return { type, ...(scale !== undefined && { scale }) };
}

function moveSteps(
  steps: readonly JsonObject[],
  start: readonly number[],
  where: { location: string; path: string },
): JsonObject[] {
  let scale: readonly number[] = start.map(() => 1);
  let translation: readonly number[] = start.map(() => 0);
  for (const step of steps) {
    const type = step["type"] ?? ["scale", "translation"].find((name) => Object.hasOwn(step, name));
    const numbers = type === "identity" ? start.map(() => 1) : asNumbers(step[String(type)]);
    if (numbers?.length !== start.length) throw cannotMove(type, where);
    if (type === "translation") translation = numbers;
    else if (type === "scale" || type === "identity") scale = numbers;
    else throw cannotMove(type, where);
  }
  const moved = translation.map((offset, axis) => placeAfter(offset, start[axis] ?? 0, scale[axis] ?? 1));
  return [
    { type: "scale", scale },
    { type: "translation", translation: moved },
  ];
}

function cannotMove(type: unknown, where: { location: string; path: string }): UnsupportedError {
  return new UnsupportedError(
    `the level ${where.path} in ${where.location} cannot be cut: its transformation ${String(type)} is not a list of numbers, one an axis, of a scale or a translation; take it whole`,
    { ...where, feature: `transformation ${String(type)}` },
  );
}
