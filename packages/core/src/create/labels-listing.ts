import type { AbsolutePath } from "../store/store.js";
import { joinKey } from "../store/store-keys.js";
import { isJsonObject, type JsonObject, omitMember } from "../zarr/json.js";
import type { ZarrNode } from "../zarr/zarr-node.js";
import { omeGroup } from "./image-document.js";

/**
 * The documents of the group that lists an image's label images, with one more ("labels metadata").
 *
 * @param node the group, where there is one already
 * @param version of the image, as it spells it
 */
export function labelsListing(
  node: ZarrNode | undefined,
  group: AbsolutePath,
  name: string,
  version: string,
): readonly [AbsolutePath, JsonObject][] {
  if (version === "0.4") {
    const { attributes = {} } = node ?? {};
    const listed: [AbsolutePath, JsonObject] = [joinKey(group, ".zattrs"), withName(attributes, name)];
    return node === undefined ? [[joinKey(group, ".zgroup"), { zarr_format: 2 }], listed] : [listed];
  }
  const ome = node?.attributes["ome"];
  const own = { version, ...(isJsonObject(ome) ? ome : {}) };
  const document = node ? omitMember(node.document, "consolidated_metadata") : omeGroup({});
  const attributes = { ...node?.attributes, ome: withName(own, name) };
  return [[joinKey(group, "zarr.json"), { ...document, attributes }]];
}

function withName(members: JsonObject, name: string): JsonObject {
  const listed: readonly unknown[] = Array.isArray(members["labels"]) ? members["labels"] : [];
  return { ...members, labels: [...new Set([...listed, name])] };
}
