import type {
  AbsolutePath,
  ArrayDescription,
  Hierarchy,
  JsonObject,
  OmeVersion,
  ReadOptions,
  Store,
  ZarrNode,
} from "@ozx/core";
import {
  type EntryWriter,
  type GeneratedEntry,
  isBelow,
  isJsonObject,
  keyName,
  parentKey,
  parseJsonObject,
} from "@ozx/core/container";
import {
  type DocumentLocation,
  describeArrayV3,
  downgradeTo04,
  hasCoordinateSystems,
  joinKey,
  nameBelow,
  omitMember,
  stringifyJson,
  upgradeTo06,
} from "@ozx/core/internal";
import { keyInV2 } from "../versions/chunk-keys.js";
import { downgradeArray } from "../versions/downgrade-array.js";
import { omeGroup } from "./image-writer.js";

/** The versions of images to which labels can be added. */
export type ExistingVersion = Extract<OmeVersion, "0.4" | "0.5" | "0.6" | "0.9.dev1">;

/**
 * Returns a function that converts entries of OME-Zarr 0.5 to another version, and writes them.
 *
 * @param written the version as the existing documents have it, such as `0.6.dev3`
 * @param onDocument called with each document that is written, and its key
 */
export function addInVersion(
  writer: Pick<EntryWriter, "add" | "name">,
  { version, written }: { readonly version: ExistingVersion; readonly written: string },
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
    const where = { location: writer.name, path: entry.key.slice(1) };
    const document = parseJsonObject(entry.bytes, where);
    if (version !== "0.4") return [[entry.key, inVersion(document, { version, written }, where)]];
    const path = parentKey(entry.key);
    if (document["node_type"] === "array") {
      const array = describeArrayV3(document, where);
      arrays.set(path, array);
      return [[joinKey(path, ".zarray"), downgradeArray(document, array, where)]];
    }
    const attributes = document["attributes"];
    const flat = downgradeTo04(isJsonObject(attributes) ? attributes : {}, where);
    return [
      [joinKey(path, ".zgroup"), { zarr_format: 2 }],
      [joinKey(path, ".zattrs"), flat],
    ];
  };
  return async (entry, options) => {
    const documents = convert(entry);
    if (documents === undefined) {
      await writer.add({ ...entry, key: keyInV2(entry.key, arrays) }, options);
      return;
    }
    for (const [key, document] of documents) await addDocument(key, document, options);
  };
}

function inVersion(
  document: JsonObject,
  { version, written }: { readonly version: ExistingVersion; readonly written: string },
  where: DocumentLocation,
): JsonObject {
  const attributes = document["attributes"];
  const ome = isJsonObject(attributes) ? attributes["ome"] : undefined;
  if (!isJsonObject(attributes) || !isJsonObject(ome)) return document;
  const changed = hasCoordinateSystems(version) ? upgradeTo06(ome, where) : ome;
  return { ...document, attributes: { ...attributes, ome: { ...changed, version: written } } };
}

/**
 * Updates the copies of metadata in the groups from `path` up, which lack the added documents. In Zarr v3 the copy is
 * removed, and readers look at the nodes themselves. In v2 the added documents are copied into `.zmetadata`.
 *
 * @param change.added the added documents by their keys
 * @returns the changed documents by their keys
 */
export async function changedConsolidated(
  store: Store,
  { nodes }: Hierarchy,
  { path, added }: { readonly path: AbsolutePath; readonly added: ReadonlyMap<AbsolutePath, JsonObject> },
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

/**
 * The documents of the group that lists an image's label images, with another name added ("labels metadata" of 0.5).
 *
 * @param node the group; undefined if it does not exist yet
 * @param group its path
 * @param version as the image spells it
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
