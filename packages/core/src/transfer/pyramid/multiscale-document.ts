import { howMade } from "../../create/image-document.js";
import { placementBelow } from "../../image/pyramid-shapes.js";
import { intrinsicSystemOf } from "../../ome/read-multiscale.js";
import {
  composeTransforms,
  hasOutput,
  type Placement,
  placementSteps,
  transformsInto,
} from "../../ome/transforms.js";
import { isJsonObject, type JsonObject } from "../../zarr/json.js";
import type { MissingLevels } from "./missing-levels.js";

/**
 * The attributes of an image with datasets for the levels that are added ("multiscales metadata" of 0.5 and 0.6).
 *
 * `type` and `metadata` of the multiscale tell how levels were made: they stay where there were levels to tell of, and
 * are set where there was only one.
 */
export function withLevels(
  attributes: JsonObject,
  { image, index, levels, smallest }: MissingLevels,
): JsonObject {
  const ome = attributes["ome"];
  const multiscales = isJsonObject(ome) ? ome["multiscales"] : undefined;
  if (!isJsonObject(ome) || !Array.isArray(multiscales)) return attributes;
  const extended = multiscales.map((multiscale: unknown, k) => {
    if (k !== index || !isJsonObject(multiscale) || !Array.isArray(multiscale["datasets"])) return multiscale;
    const datasets: readonly unknown[] = multiscale["datasets"];
    const last = datasets.at(-1);
    const transforms = transformsInto(
      isJsonObject(last) ? last["coordinateTransformations"] : undefined,
      intrinsicSystemOf(multiscale),
    );
    // What cannot be placed has no levels added; see `hopelessMultiscales`.
    let placement = composeTransforms([{ transforms, what: smallest.path }], smallest.scale.length, () => {});
    const added = levels.map(({ name, factors }) => {
      placement = placementBelow(placement, factors);
      return { path: name, coordinateTransformations: placedLike(placement, name, transforms) };
    });
    return {
      ...multiscale,
      datasets: [...datasets, ...added],
      ...(datasets.length === 1 &&
        howMade(image.kind === "label-image" ? "nearest" : "mean", "ozx convert --pyramid")),
    };
  });
  return { ...attributes, ome: { ...ome, multiscales: extended } };
}

/** As 0.6 has it, with its ends, where the level above is written so; otherwise as 0.4 and 0.5 do. */
function placedLike(placement: Placement, path: string, like: unknown): JsonObject[] {
  const steps = placementSteps(placement);
  const above = Array.isArray(like) ? like.find(hasOutput) : undefined;
  if (above === undefined) return steps;
  return [{ type: "sequence", input: { path }, output: above["output"], transformations: steps }];
}
