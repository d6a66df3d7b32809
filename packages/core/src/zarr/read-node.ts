import type { ReadOptions } from "../bytes/source-and-sink.js";
import { InvalidMetadataError } from "../errors.js";
import type { AbsolutePath, Store } from "../store/store.js";
import { joinKey } from "../store/store-keys.js";
import { dataTypeV3Name, parseDataTypeV2 } from "./data-types.js";
import { formatJson, isJsonObject, type JsonObject, parseJsonObject, requireExtents } from "./json.js";
import type { ArrayDescription, ZarrNode } from "./zarr-node.js";

/**
 * Reads the node at a path, Zarr v3 before v2, or undefined where there is none.
 *
 * @throws InvalidMetadataError when there is one that cannot be understood
 */
export async function readZarrNode(
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
      `${place.path} in ${place.location} must have zarr_format 3, not ${formatJson(document["zarr_format"])}`,
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
        `${place.path} in ${place.location} must have node_type "group" or "array", not ${formatJson(document["node_type"])}`,
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

/**
 * Reads the `zarr.json` of an array (Zarr v3 core specification, "Array metadata").
 *
 * @throws InvalidMetadataError naming the member that is wrong
 */
export function describeArrayV3(
  document: JsonObject,
  place: { location: string; path: string },
): ArrayDescription {
  const shape = requireExtents(document["shape"], "shape", place);
  const grid = configuration(document["chunk_grid"]);
  const gridShape = requireExtents(grid["chunk_shape"], "chunk_grid's chunk_shape", place, {
    length: shape.length,
    least: 1,
  });
  const codecs = listCodecs(document["codecs"], place);
  const sharding = codecs.find((codec) => codec["name"] === "sharding_indexed");
  const inner = configuration(sharding);
  return {
    shape,
    chunkShape: sharding
      ? requireExtents(inner["chunk_shape"], "sharding_indexed codec's chunk_shape", place, {
          length: shape.length,
          least: 1,
        })
      : gridShape,
    shardShape: sharding ? gridShape : undefined,
    dtype: dataType(document["data_type"], place),
    codecs: sharding ? listCodecs(inner["codecs"], place) : codecs,
    dimensionNames: dimensionNames(document["dimension_names"], shape.length, place),
    chunkKey: chunkKey(document["chunk_key_encoding"], place),
    fillValue: document["fill_value"],
  };
}

function listCodecs(value: unknown, place: { location: string; path: string }): JsonObject[] {
  if (!Array.isArray(value)) {
    throw new InvalidMetadataError(`the codecs of ${place.path} in ${place.location} are not a list`, place);
  }
  return value.map((codec: unknown) => {
    const name = named(codec);
    if (name !== undefined) return isJsonObject(codec) ? codec : { name };
    throw new InvalidMetadataError(`a codec of ${place.path} in ${place.location} has no name`, place);
  });
}

/** Extension points are an object with a name or, since Zarr 3.1, the bare name. */
function named(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return isJsonObject(value) && typeof value["name"] === "string" ? value["name"] : undefined;
}

function dataType(value: unknown, place: { location: string; path: string }): string {
  const name = named(value);
  if (name !== undefined) return name;
  throw new InvalidMetadataError(
    `the data_type of ${place.path} in ${place.location} must be a name or an object with one, not ${formatJson(value)}`,
    place,
  );
}

function configuration(value: unknown): JsonObject {
  const found = isJsonObject(value) ? value["configuration"] : undefined;
  return isJsonObject(found) ? found : {};
}

function dimensionNames(
  value: unknown,
  length: number,
  place: { location: string; path: string },
): (string | null)[] | undefined {
  if (value === undefined || value === null) return undefined;
  const valid =
    Array.isArray(value) &&
    value.length === length &&
    value.every((name) => name === null || typeof name === "string");
  if (valid) return value;
  throw new InvalidMetadataError(
    `the dimension_names of ${place.path} in ${place.location} must be ${length} names or nulls`,
    place,
  );
}

function chunkKey(value: unknown, place: { location: string; path: string }): ArrayDescription["chunkKey"] {
  const name = named(value);
  const separator = configuration(value)["separator"] ?? (name === "v2" ? "." : "/");
  if ((name === "default" || name === "v2") && (separator === "/" || separator === ".")) {
    return { prefix: name === "default" ? "c" : "", separator };
  }
  throw new InvalidMetadataError(
    `the chunk_key_encoding of ${place.path} in ${place.location} is ${formatJson(value)}; only "default" and "v2" with "/" or "." are known`,
    place,
  );
}

/**
 * Reads a `.zarray` document (Zarr v2 specification, "Arrays").
 *
 * @throws InvalidMetadataError naming the member that is wrong
 */
export function describeArrayV2(
  document: JsonObject,
  place: { location: string; path: string },
): ArrayDescription {
  const shape = requireExtents(document["shape"], "shape", place);
  const chunkShape = requireExtents(document["chunks"], "chunks", place, { length: shape.length, least: 1 });
  const separator = document["dimension_separator"] ?? ".";
  if (separator !== "/" && separator !== ".") {
    throw new InvalidMetadataError(
      `the dimension_separator of ${place.path} in ${place.location} is ${formatJson(separator)}; it can only be "/" or "."`,
      place,
    );
  }
  const dtype = parseDataTypeV2(document["dtype"]);
  return {
    shape,
    chunkShape,
    shardShape: undefined,
    dtype: (dtype && dataTypeV3Name(dtype)) ?? dataTypeText(document["dtype"], place),
    codecs: [...listOf(document["filters"]), ...listOf([document["compressor"]])],
    dimensionNames: undefined,
    chunkKey: { prefix: "", separator },
    fillValue: document["fill_value"],
  };
}

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function dataTypeText(dtype: unknown, place: { location: string; path: string }): string {
  if (typeof dtype === "string") return dtype;
  if (Array.isArray(dtype)) return formatJson(dtype);
  throw new InvalidMetadataError(
    `the dtype of ${place.path} in ${place.location} must be a text or, for structures, a list, not ${formatJson(dtype)}`,
    place,
  );
}
