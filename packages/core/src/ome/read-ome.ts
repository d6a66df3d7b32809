import type { AbsolutePath } from "../store/store.js";
import type { GroupNode, Hierarchy } from "../zarr/node.js";
import { readContext, requireNode } from "./context.js";
import { childrenOf } from "./hierarchy-index.js";
import type { OmeNode, PlainGroup } from "./model.js";
import { readBioformats2raw } from "./read-bioformats2raw.js";
import { readImage } from "./read-image.js";
import { readLabels } from "./read-labels.js";
import { readPlate } from "./read-plate.js";
import { readScene } from "./read-scene.js";
import { readWell } from "./read-well.js";

export interface ReadOmeOptions {
  /** The text of `OME/METADATA.ome.xml` (see `omeXmlKey`), for bioformats2raw collections that list no series. */
  readonly omeXml?: string | undefined;
}

/**
 * What the node at a path is, in terms of OME-Zarr 0.1 to 0.6. Nothing is read beyond the hierarchy, so what is
 * not in it counts as missing. What is malformed in one place is left out and told in `problems`.
 *
 * A node that could be several things is the first of: plate, bioformats2raw collection ("if the plate key is
 * present it takes precedence"), well, image, labels, scene.
 *
 * @throws NotFoundError where there is no node, and InvalidMetadataError where nothing of it can be shown
 */
export function readOme(
  hierarchy: Hierarchy,
  path: AbsolutePath = "/",
  options: ReadOmeOptions = {},
): OmeNode {
  const node = requireNode(hierarchy, path);
  if (node.kind === "array") return { kind: "array", path, version: undefined, problems: [], array: node };
  const context = readContext(hierarchy, node);
  if (context === undefined) return plainGroup(hierarchy, node);
  const has = (key: string): boolean => Object.hasOwn(context.attributes, key);
  if (has("plate")) return readPlate(context);
  if (has("bioformats2raw.layout")) return readBioformats2raw(context, options.omeXml);
  if (has("well")) return readWell(context);
  if (has("multiscales")) return readImage(context);
  if (has("labels")) return readLabels(context);
  if (has("scene") && context.version === "0.6") return readScene(context);
  return plainGroup(hierarchy, node);
}

function plainGroup(hierarchy: Hierarchy, { path }: GroupNode): PlainGroup {
  return { kind: "group", path, version: undefined, problems: [], children: childrenOf(hierarchy, path) };
}
