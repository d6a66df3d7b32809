import type { ReadOptions } from "../bytes/source-and-sink.js";
import type { AbsolutePath, Store } from "../store/store.js";
import { isBelow, joinKey, nameBelow, parentKey } from "../store/store-keys.js";
import { isJsonObject, type JsonObject, omitMember, parseJsonObject } from "../zarr/json.js";
import type { Hierarchy } from "../zarr/zarr-node.js";

/**
 * The documents of the groups from `path` up that hold copies of metadata below them, which would not tell of what was
 * added: without the copies in Zarr v3, whose readers then look themselves, and with those of the new documents in the
 * `.zmetadata` of v2, which can only be there or not.
 *
 * @param added the new documents by their keys
 */
export async function changedCopies(
  store: Store,
  { nodes }: Hierarchy,
  path: AbsolutePath,
  added: ReadonlyMap<AbsolutePath, JsonObject>,
  options?: ReadOptions,
): Promise<readonly [AbsolutePath, JsonObject][]> {
  const changed: [AbsolutePath, JsonObject][] = [];
  for (let above = path; ; above = parentKey(above)) {
    const node = nodes.get(above);
    if (node?.zarrFormat === 3 && Object.hasOwn(node.document, "consolidated_metadata")) {
      changed.push([joinKey(above, "zarr.json"), omitMember(node.document, "consolidated_metadata")]);
    }
    if (node?.zarrFormat === 2) {
      const key = joinKey(above, ".zmetadata");
      const bytes = await store.get(key, options);
      const copies = bytes && parseJsonObject(bytes, { location: store.name, path: key.slice(1) });
      if (copies !== undefined) changed.push([key, withDocuments(copies, above, added)]);
    }
    if (above === "/") return changed;
  }
}

function withDocuments(
  copies: JsonObject,
  group: AbsolutePath,
  added: ReadonlyMap<AbsolutePath, JsonObject>,
): JsonObject {
  const { metadata } = copies;
  const below = [...added].filter(([key]) => isBelow(key, group));
  const own = below.map(([key, document]) => [nameBelow(group, key), document]);
  return { ...copies, metadata: { ...(isJsonObject(metadata) ? metadata : {}), ...Object.fromEntries(own) } };
}
