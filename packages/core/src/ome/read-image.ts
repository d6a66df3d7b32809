import { isJsonObject } from "../zarr/json.js";
import { type ReadContext, unreadable } from "./context.js";
import type { Image, LabelImage } from "./model.js";
import { readImageLabel } from "./read-image-label.js";
import { labelPathsOf } from "./read-labels.js";
import { readMultiscale } from "./read-multiscale.js";
import { readOmero } from "./read-omero.js";
import { member } from "./values.js";

/**
 * Reads a group with `multiscales`: an image, or a label image where it has `image-label` too.
 *
 * @throws InvalidMetadataError when no resolution level can be told from it
 */
export function readImage(context: ReadContext): Image | LabelImage {
  const { hierarchy, path, version, problems, attributes } = context;
  const list = member(attributes, "multiscales");
  if (!Array.isArray(list) || list.length === 0) {
    throw unreadable(context, "its multiscales are not a list with at least one image.");
  }
  const [first, ...others] = list.flatMap((value: unknown) => readMultiscale(value, context) ?? []);
  if (first === undefined) {
    const reasons = problems.map(({ message }) => message).join(" ");
    throw unreadable(context, reasons || "its axes are not described.");
  }
  const base = {
    path,
    version,
    problems,
    name: first.name,
    multiscales: [first, ...others],
    ...readOmero(context),
    labels: labelPathsOf(hierarchy, path),
  } as const;
  const imageLabel = member(attributes, "image-label");
  if (imageLabel === undefined) return { kind: "image", ...base };
  return {
    kind: "label-image",
    ...base,
    ...readImageLabel(isJsonObject(imageLabel) ? imageLabel : {}, context),
  };
}
