import { isJsonObject } from "../zarr/json.js";
import { type ReadContext, unreadable } from "./context.js";
import type { Field, Well } from "./model.js";
import { readPath } from "./read-path.js";
import { asCount, member } from "./values.js";

/**
 * Reads a group with `well` ("well metadata"): its fields of view.
 *
 * @throws InvalidMetadataError when it has no list of images
 */
export function readWell(context: ReadContext): Well {
  const { path, version, problems, attributes } = context;
  const well = member(attributes, "well");
  const images = isJsonObject(well) ? member(well, "images") : undefined;
  if (!Array.isArray(images)) throw unreadable(context, "the well has no list of images.");
  const fields = images.flatMap((image: unknown): Field[] => {
    const name = isJsonObject(image) ? member(image, "path") : undefined;
    const resolved = readPath(name, `An image of the well ${path}`, context);
    if (!isJsonObject(image) || resolved === undefined) return [];
    return [{ path: resolved, acquisition: asCount(member(image, "acquisition")) }];
  });
  return { kind: "well", path, version, problems, fields };
}
