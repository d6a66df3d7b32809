import type { ReadOptions } from "../../bytes/source-and-sink.js";
import type { Finding } from "../../findings.js";
import { member, omeMetadataOf, resolvePath } from "../../ome/ome-metadata.js";
import { writtenSource } from "../../ome/read-image.js";
import type { AbsolutePath, Store } from "../../store/store.js";
import { isJsonObject, type JsonObject, omitMember } from "../../zarr/json.js";
import { readHierarchy } from "../../zarr/read-hierarchy.js";
import { editedDocuments } from "./edited-documents.js";
import { describePart, partView } from "./part-view.js";

/**
 * A node as a store of its own in which label images name their images only where these are taken along: the
 * image of a label image that is taken alone stays behind, and a path to it would lead out of the output.
 *
 * @param root where the node lies in the store that it is taken from, not its root
 */
export async function withoutSourcesOutside(
  store: Store,
  root: AbsolutePath,
  options?: ReadOptions,
): Promise<Store> {
  const hierarchy = await readHierarchy(store, options);
  const inSource = (path: AbsolutePath): AbsolutePath => (path === "/" ? root : `${root}${path}`);
  const attributes = new Map<AbsolutePath, JsonObject>();
  const findings: Finding[] = [];
  for (const node of hierarchy.nodes.values()) {
    const written = omeMetadataOf(node)?.attributes;
    const imageLabel = written && member(written, "image-label");
    const image = isJsonObject(imageLabel) ? writtenSource(imageLabel) : undefined;
    if (!isJsonObject(imageLabel) || image === undefined) continue;
    const after = resolvePath(node.path, image);
    if (after !== undefined && inSource(after) === resolvePath(inSource(node.path), image)) continue;
    attributes.set(node.path, { ...written, "image-label": omitMember(imageLabel, "source") });
    findings.push(sourceDropped(node.path, inSource(node.path), image));
  }
  if (attributes.size === 0) return store;
  const hidden = new Set<AbsolutePath>();
  const documents = editedDocuments(hierarchy, { attributes, windows: new Map(), hidden });
  const view = partView(store, store.name, describePart({ documents, hidden, windows: new Map() }));
  return { ...view, findings: [...view.findings, ...findings] };
}

function sourceDropped(where: AbsolutePath, path: AbsolutePath, image: string): Finding {
  return {
    rule: "label-source-dropped",
    level: "policy",
    severity: "warning",
    where,
    message: `The label image ${path} does not name its image ${image} any more, which is not taken along.`,
    help: "Take the image to keep them together: its label images come with it.",
  };
}
