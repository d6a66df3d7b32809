import type { AbsolutePath } from "../store/store.js";
import { joinKey } from "../store/store-keys.js";
import { isLaxJson, type JsonObject } from "./json.js";
import type { ZarrNode } from "./zarr-node.js";

/** The documents of a node in which NaN or Infinity stands bare, which is no JSON, by their keys. */
export function laxDocuments({ path, kind, zarrFormat, document, attributes }: ZarrNode): {
  readonly key: AbsolutePath;
  readonly document: JsonObject;
}[] {
  const own = zarrFormat === 3 ? "zarr.json" : kind === "array" ? ".zarray" : ".zgroup";
  const documents = [
    { key: joinKey(path, own), document },
    // In Zarr v3 they are a part of the document.
    ...(zarrFormat === 2 ? [{ key: joinKey(path, ".zattrs"), document: attributes }] : []),
  ];
  return documents.filter((one) => isLaxJson(one.document));
}
