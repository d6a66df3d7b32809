import type { OmeNode } from "../ome/model.js";
import { omeMetadataOf } from "../ome/ome-metadata.js";
import type { OpenNode } from "../open/node.js";
import { compareKeys } from "../store/store-keys.js";
import { isJsonObject } from "../zarr/json.js";
import type { HierarchyReport, NodeReport } from "./report.js";

/** All nodes of the hierarchy, each before those below it, numbers by their value. */
export function inspectNodes(
  { hierarchy, model }: OpenNode,
  images: HierarchyReport["images"],
): NodeReport[] {
  const kinds = new Map<string, OmeNode["kind"]>([[model.path, model.kind]]);
  for (const image of images) {
    for (const one of image.error === null ? [image, ...image.labels] : []) {
      if (one.error === null) kinds.set(one.path, one.kind);
    }
  }
  if (model.kind === "plate") {
    for (const { path, fields } of model.wells) if (fields !== undefined) kinds.set(path, "well");
  }
  // A row of a plate is only a group by itself.
  if (model.kind === "group") {
    for (const node of hierarchy.nodes.values()) {
      if (isJsonObject(omeMetadataOf(node)?.attributes["well"])) kinds.set(node.path, "well");
    }
  }
  const nodes: NodeReport[] = [];
  for (const node of hierarchy.nodes.values()) {
    nodes.push({
      path: node.path,
      kind: kinds.get(node.path) ?? node.kind,
      shape: node.kind === "array" ? node.array.shape : null,
      dtype: node.kind === "array" ? node.array.dtype : null,
    });
  }
  if (hierarchy.broken.length === 0) return nodes;
  for (const { path } of hierarchy.broken) nodes.push({ path, kind: "broken", shape: null, dtype: null });
  return nodes.sort((a, b) => compareKeys(a.path, b.path));
}
