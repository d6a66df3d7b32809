import { omeMetadataOf } from "../../ome/ome-metadata.js";
import type { AbsolutePath } from "../../store/store.js";
import { joinKey } from "../../store/store-keys.js";
import { type JsonObject, omitMember, stringifyJson } from "../../zarr/json.js";
import type { Hierarchy } from "../../zarr/zarr-node.js";
import { type ArrayWindow, windowDocument } from "./array-window.js";
import { isIn } from "./leave-out.js";

/** What is other than in the hierarchy, by the paths of nodes. */
interface EditedNodes {
  /** The OME-Zarr part of the attributes of groups. */
  readonly attributes: ReadonlyMap<AbsolutePath, JsonObject>;
  readonly windows: ReadonlyMap<AbsolutePath, ArrayWindow>;
  readonly hidden: ReadonlySet<AbsolutePath>;
}

/** The metadata documents that are written anew, by their keys. */
export function editedDocuments(
  { nodes }: Hierarchy,
  { attributes, windows, hidden }: EditedNodes,
): Map<AbsolutePath, Uint8Array> {
  const documents = new Map<AbsolutePath, Uint8Array>();
  const put = (path: AbsolutePath, name: string, document: JsonObject): void => {
    documents.set(joinKey(path, name), stringifyJson(document));
  };
  for (const [path, window] of windows) {
    put(path, window.node.zarrFormat === 3 ? "zarr.json" : ".zarray", windowDocument(window));
  }
  for (const node of nodes.values()) {
    if (node.kind === "array" || isIn(node.path, hidden)) continue;
    const own = attributes.get(node.path);
    const isNamespaced = omeMetadataOf(node)?.namespaced ?? false;
    const all = own && (isNamespaced ? { ...node.attributes, ome: own } : own);
    if (node.zarrFormat === 2 && all !== undefined) put(node.path, ".zattrs", all);
    // A copy of metadata below it, as it was.
    const isStale = Object.hasOwn(node.document, "consolidated_metadata");
    if (node.zarrFormat === 3 && (all !== undefined || isStale)) {
      const document = omitMember(node.document, "consolidated_metadata");
      put(node.path, "zarr.json", all ? { ...document, attributes: all } : document);
    }
  }
  return documents;
}
