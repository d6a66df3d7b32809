import { joinKey } from "../store/keys.js";
import type { AbsolutePath } from "../store/store.js";
import type { Hierarchy } from "../zarr/node.js";
import { type ReadContext, unreadable } from "./context.js";
import type { Labels } from "./model.js";
import { readPath } from "./read-path.js";
import { resolvePath } from "./resolve-path.js";
import { member, spell } from "./values.js";
import { omeMetadataOf } from "./version.js";

/**
 * Reads the group `labels` ("labels metadata"), which lists the label images below it.
 *
 * @throws InvalidMetadataError when the list is none
 */
export function readLabels(context: ReadContext): Labels {
  const { path, version, problems, attributes } = context;
  const list = member(attributes, "labels");
  if (!Array.isArray(list)) throw unreadable(context, `its labels are ${spell(list)}, which is no list.`);
  const labels = list.flatMap((name: unknown) => readPath(name, `A label image of ${path}`, context) ?? []);
  return { kind: "labels", path, version, problems, labels };
}

/** The label images of the image at a path; none where its group `labels` is missing or lists none. */
export function labelPathsOf(hierarchy: Hierarchy, image: AbsolutePath): AbsolutePath[] {
  const path = joinKey(image, "labels");
  const node = hierarchy.nodes.get(path);
  const attributes = node && omeMetadataOf(node)?.attributes;
  const list = attributes && member(attributes, "labels");
  if (!Array.isArray(list)) return [];
  return list.flatMap(
    (name: unknown) => (typeof name === "string" ? resolvePath(path, name) : undefined) ?? [],
  );
}
