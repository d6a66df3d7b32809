import type { ReadOptions } from "../bytes/byte-source.js";
import { InvalidMetadataError } from "../errors.js";
import { joinKey } from "../store/keys.js";
import type { AbsolutePath, Store } from "../store/store.js";
import { describeArrayV2 } from "./array-v2.js";
import { describeArrayV3 } from "./array-v3.js";
import { isJsonObject, type JsonObject, parseJsonObject, spellJson } from "./json.js";
import type { ZarrNode } from "./node.js";

/**
 * Reads the node at a path, Zarr v3 before v2, or undefined where there is none.
 *
 * @throws InvalidMetadataError when there is one that cannot be understood
 */
export async function readNode(
  store: Store,
  path: AbsolutePath,
  options?: ReadOptions,
): Promise<ZarrNode | undefined> {
  return (await readNodeV3(store, path, options)) ?? (await readNodeV2(store, path, options));
}

/** Reads a Zarr v3 node (`zarr.json`). */
async function readNodeV3(
  store: Store,
  path: AbsolutePath,
  options?: ReadOptions,
): Promise<ZarrNode | undefined> {
  const found = await readDocument(store, joinKey(path, "zarr.json"), options);
  if (found === undefined) return undefined;
  const { document, place } = found;
  if (document["zarr_format"] !== 3) {
    throw new InvalidMetadataError(
      `${place.path} in ${place.location} must have zarr_format 3, not ${spellJson(document["zarr_format"])}`,
      place,
    );
  }
  const base = {
    path,
    zarrFormat: 3,
    document,
    attributes: attributesOf(document["attributes"], place),
  } as const;
  switch (document["node_type"]) {
    case "group":
      return { kind: "group", ...base };
    case "array":
      return { kind: "array", ...base, array: describeArrayV3(document, place) };
    default:
      throw new InvalidMetadataError(
        `${place.path} in ${place.location} must have node_type "group" or "array", not ${spellJson(document["node_type"])}`,
        place,
      );
  }
}

/** Reads a Zarr v2 node (`.zarray` or `.zgroup`, and `.zattrs`). A lone `.zattrs` counts as a group, as in zarr-python 2. */
async function readNodeV2(
  store: Store,
  path: AbsolutePath,
  options?: ReadOptions,
): Promise<ZarrNode | undefined> {
  const [array, group, attrs] = await Promise.all(
    [".zarray", ".zgroup", ".zattrs"].map((name) => readDocument(store, joinKey(path, name), options)),
  );
  const attributes = attrs?.document ?? {};
  if (array !== undefined) {
    const { document, place } = array;
    return {
      kind: "array",
      path,
      zarrFormat: 2,
      document,
      attributes,
      array: describeArrayV2(document, place),
    };
  }
  if (group === undefined && attrs === undefined) return undefined;
  return { kind: "group", path, zarrFormat: 2, document: group?.document ?? { zarr_format: 2 }, attributes };
}

interface Document {
  readonly document: JsonObject;
  readonly place: { location: string; path: string };
}

async function readDocument(
  store: Store,
  key: AbsolutePath,
  options?: ReadOptions,
): Promise<Document | undefined> {
  const bytes = await store.get(key, options);
  if (bytes === undefined) return undefined;
  const place = { location: store.name, path: key.slice(1) };
  return { document: parseJsonObject(bytes, place), place };
}

function attributesOf(value: unknown, place: { location: string; path: string }): JsonObject {
  if (value === undefined) return {};
  if (isJsonObject(value)) return value;
  throw new InvalidMetadataError(
    `the attributes of ${place.path} in ${place.location} are not a JSON object`,
    place,
  );
}
