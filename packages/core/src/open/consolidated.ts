import type { ReadOptions } from "../bytes/source-and-sink.js";
import { isOzxError } from "../errors.js";
import type { AbsolutePath, Store } from "../store/store.js";
import { joinKey, keyName, unsafeReason } from "../store/store-keys.js";
import { isJsonObject, type JsonObject, parseJsonObject, stringifyJson } from "../zarr/json.js";
import { NODE_DOCUMENTS } from "../zarr/read-hierarchy.js";
import type { ZarrFormat } from "../zarr/zarr-node.js";

/**
 * All documents of a hierarchy from the one at its root that holds a copy of them: `consolidated_metadata` in
 * `zarr.json`, or `.zmetadata` of Zarr v2. Undefined where there is none that can be understood; the nodes are
 * read one by one then.
 */
export async function consolidatedDocuments(
  store: Store,
  zarrFormat: ZarrFormat,
  options?: ReadOptions,
): Promise<ReadonlyMap<AbsolutePath, Uint8Array> | undefined> {
  const key = zarrFormat === 3 ? "/zarr.json" : "/.zmetadata";
  const bytes = await store.get(key, options);
  const root = bytes && parsed(bytes, store.name, key);
  if (bytes === undefined || root === undefined) return undefined;
  const consolidated = zarrFormat === 3 ? root["consolidated_metadata"] : root;
  const metadata = isJsonObject(consolidated) ? consolidated["metadata"] : undefined;
  if (!isJsonObject(metadata)) return undefined;
  const documents = new Map<AbsolutePath, Uint8Array>();
  for (const [name, document] of Object.entries(metadata)) {
    const own: AbsolutePath = zarrFormat === 3 ? joinKey(`/${name}`, "zarr.json") : `/${name}`;
    if (unsafeReason(own) !== undefined || !isJsonObject(document)) return undefined;
    if (NODE_DOCUMENTS.includes(keyName(own))) documents.set(own, stringifyJson(document));
  }
  if (zarrFormat === 3) documents.set("/zarr.json", bytes);
  return documents;
}

function parsed(bytes: Uint8Array, location: string, key: AbsolutePath): JsonObject | undefined {
  try {
    return parseJsonObject(bytes, { location, path: key.slice(1) });
  } catch (error) {
    if (isOzxError(error)) return undefined;
    throw error;
  }
}
