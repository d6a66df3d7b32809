import type { ReadOptions } from "../bytes/source-and-sink.js";
import { downgradeTo04, upgradeTo06 } from "../ome/versions/convert-version.js";
import type { AbsolutePath } from "../store/store.js";
import { joinKey, keyName, parentKey } from "../store/store-keys.js";
import type { EntryWriter, GeneratedEntry } from "../store/target.js";
import { isJsonObject, type JsonObject, parseJsonObject, stringifyJson } from "../zarr/json.js";
import { describeArrayV3 } from "../zarr/read-node.js";
import { downgradeArray, downgradedKey } from "../zarr/versions/downgrade-array.js";
import type { ArrayDescription } from "../zarr/zarr-node.js";

/** A version that an image may have which something is added to. */
export type JoinedVersion = "0.4" | "0.5" | "0.6";

/**
 * Takes entries of OME-Zarr 0.5 and writes them as another version has them.
 *
 * @param version the version, and how the documents beside spell it, as in `0.6.dev3`
 * @param onDocument is told each document that is written, by its key
 */
export function versionedAdd(
  writer: Pick<EntryWriter, "add" | "name">,
  { version, spelled }: { readonly version: JoinedVersion; readonly spelled: string },
  onDocument: (key: AbsolutePath, document: JsonObject) => void,
): EntryWriter["add"] {
  const arrays = new Map<AbsolutePath, ArrayDescription>();
  const addDocument = async (
    key: AbsolutePath,
    document: JsonObject,
    options: ReadOptions | undefined,
  ): Promise<void> => {
    onDocument(key, document);
    await writer.add({ key, bytes: stringifyJson(document) }, options);
  };
  const convert = (entry: GeneratedEntry): readonly [AbsolutePath, JsonObject][] | undefined => {
    if (keyName(entry.key) !== "zarr.json" || !(entry.bytes instanceof Uint8Array)) return undefined;
    const place = { location: writer.name, path: entry.key.slice(1) };
    const document = parseJsonObject(entry.bytes, place);
    if (version !== "0.4") return [[entry.key, inVersion(document, spelled, place)]];
    const path = parentKey(entry.key);
    if (document["node_type"] === "array") {
      const array = describeArrayV3(document, place);
      arrays.set(path, array);
      return [[joinKey(path, ".zarray"), downgradeArray(document, array, place)]];
    }
    const attributes = document["attributes"];
    const flat = downgradeTo04(isJsonObject(attributes) ? attributes : {}, place);
    return [
      [joinKey(path, ".zgroup"), { zarr_format: 2 }],
      [joinKey(path, ".zattrs"), flat],
    ];
  };
  return async (entry, options) => {
    const documents = convert(entry);
    if (documents === undefined) {
      await writer.add({ ...entry, key: downgradedKey(entry.key, arrays) }, options);
      return;
    }
    for (const [key, document] of documents) await addDocument(key, document, options);
  };
}

function inVersion(
  document: JsonObject,
  version: string,
  place: { readonly location: string; readonly path: string },
): JsonObject {
  const attributes = document["attributes"];
  const ome = isJsonObject(attributes) ? attributes["ome"] : undefined;
  if (!isJsonObject(attributes) || !isJsonObject(ome)) return document;
  const changed = version.startsWith("0.6") ? upgradeTo06(ome, place) : ome;
  return { ...document, attributes: { ...attributes, ome: { ...changed, version } } };
}
