import { InvalidMetadataError, isOzxError } from "../../errors.js";
import type { AbsolutePath } from "../../store/store.js";
import type { Hierarchy } from "../../zarr/node.js";
import type { Image, LabelImage } from "../model.js";
import { readOme } from "../read-ome.js";
import { omeVersionOf } from "../version.js";

/**
 * The names of the dimensions of every array that is a level of an image or a label image: the names of the
 * image's axes, which 0.5 demands in the array's metadata ("multiscales metadata").
 *
 * @throws InvalidMetadataError when an image has more or fewer axes than one of its levels has dimensions
 */
export function levelDimensionNames(hierarchy: Hierarchy): Map<AbsolutePath, readonly string[]> {
  const names = new Map<AbsolutePath, readonly string[]>();
  for (const node of hierarchy.nodes.values()) {
    if (node.kind !== "group" || omeVersionOf(node) === undefined) continue;
    const image = imageAt(hierarchy, node.path);
    if (image === undefined) continue;
    for (const { axes, levels } of image.multiscales) {
      for (const { path, array } of levels) {
        if (array === undefined) continue;
        if (array.array.shape.length !== axes.length) {
          throw new InvalidMetadataError(
            `the image ${image.path} in ${hierarchy.location} has ${axes.length} axes, but its level ${path} has ${array.array.shape.length} dimensions: correct the metadata first`,
            { location: hierarchy.location, path },
          );
        }
        names.set(
          path,
          axes.map((axis) => axis.name),
        );
      }
    }
  }
  return names;
}

/** The image or label image at a path, or undefined where there is none that can be understood. */
export function imageAt(hierarchy: Hierarchy, path: AbsolutePath): Image | LabelImage | undefined {
  try {
    const node = readOme(hierarchy, path);
    return node.kind === "image" || node.kind === "label-image" ? node : undefined;
  } catch (error) {
    if (isOzxError(error)) return undefined;
    throw error;
  }
}
