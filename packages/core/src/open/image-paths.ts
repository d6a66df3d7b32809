import type { OmeNode, PlateWell } from "../ome/model.js";
import { omeMetadataOf } from "../ome/ome-metadata.js";
import type { AbsolutePath } from "../store/store.js";
import type { Hierarchy } from "../zarr/zarr-node.js";
import { childrenOf } from "../zarr/zarr-node.js";

/** Where the images of a node are, in its order. Whether they are there, and can be read, is not looked at. */
export function imagePathsOf(hierarchy: Hierarchy, node: OmeNode): readonly AbsolutePath[] {
  switch (node.kind) {
    case "image":
    case "label-image":
      return [node.path];
    case "plate":
      return node.wells.flatMap(fieldPathsOf);
    case "well":
      return node.fields.map(({ path }) => path);
    case "bioformats2raw":
    case "scene":
      return node.images;
    case "labels":
      return node.labels;
    case "group":
      return childrenOf(hierarchy, node.path).filter((path) => isImage(hierarchy, path));
    case "array":
      return [];
  }
}

/** Where the fields of a well are. */
export function fieldPathsOf({ fields = [] }: PlateWell): AbsolutePath[] {
  return fields.map(({ path }) => path);
}

function isImage(hierarchy: Hierarchy, path: AbsolutePath): boolean {
  const node = hierarchy.nodes.get(path);
  const attributes = node && omeMetadataOf(node)?.attributes;
  return attributes !== undefined && Object.hasOwn(attributes, "multiscales");
}
