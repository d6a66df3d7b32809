import { yieldToEventLoop } from "../bytes/concurrency.js";
import type { ReadOptions } from "../bytes/source-and-sink.js";
import { InvalidMetadataError, UnsupportedError } from "../errors.js";
import type { AbsolutePath, Store } from "../store/store.js";
import { joinKey } from "../store/store-keys.js";
import { checkCodecsV2, checkCodecsV3, checkFillValue } from "./check-array-document.js";
import { codecObjects } from "./codec/codec.js";
import { dataTypeV3Name, parseDataTypeV2 } from "./data-types.js";
import {
  type DocumentLocation,
  formatJson,
  guardedInteger,
  isJsonObject,
  type JsonObject,
  parseJsonObject,
  requireExtents,
} from "./json.js";
import { readDocument } from "./read-document.js";
import type { ArrayDescription, ZarrNode } from "./zarr-node.js";

/**
 * Reads the node at a path; undefined where there is none. Where it has documents of Zarr v3 and v2, v3 wins.
 *
 * @throws InvalidMetadataError when its metadata is not valid
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
  const found = await parseDocument(store, joinKey(path, "zarr.json"), options);
  if (found === undefined) return undefined;
  const { document, where } = found;
  if (document["zarr_format"] !== 3) {
    throw new InvalidMetadataError(
      `${where.path} in ${where.location} must have zarr_format 3, not ${formatJson(document["zarr_format"])}`,
      where,
    );
  }
  const base = {
    path,
    zarrFormat: 3,
    document,
    attributes: attributesOf(document["attributes"], where),
  } as const;
  switch (document["node_type"]) {
    case "group":
      return { kind: "group", ...base };
    case "array":
      return { kind: "array", ...base, array: describeArrayV3(document, where) };
    default:
      throw new InvalidMetadataError(
        `${where.path} in ${where.location} must have node_type "group" or "array", not ${formatJson(document["node_type"])}`,
        where,
      );
  }
}

/** Reads a Zarr v2 node (`.zarray` or `.zgroup`, and `.zattrs`). A `.zattrs` alone is a group, as in zarr-python 2. */
async function readNodeV2(
  store: Store,
  path: AbsolutePath,
  options?: ReadOptions,
): Promise<ZarrNode | undefined> {
  const [array, group, attrs] = await Promise.all(
    [".zarray", ".zgroup", ".zattrs"].map((name) => parseDocument(store, joinKey(path, name), options)),
  );
  const attributes = attrs?.document ?? {};
  if (array !== undefined) {
    const { document, where } = array;
    return {
      kind: "array",
      path,
      zarrFormat: 2,
      document,
      attributes,
      array: describeArrayV2(document, where),
    };
  }
  if (group === undefined && attrs === undefined) return undefined;
  return { kind: "group", path, zarrFormat: 2, document: group?.document ?? { zarr_format: 2 }, attributes };
}

interface ParsedDocument {
  readonly document: JsonObject;
  readonly where: DocumentLocation;
}

async function parseDocument(
  store: Store,
  key: AbsolutePath,
  options?: ReadOptions,
): Promise<ParsedDocument | undefined> {
  const bytes = await readDocument(store, key, options);
  if (bytes === undefined) return undefined;
  const where = { location: store.name, path: key.slice(1) };
  if (bytes.length <= LARGE) return { document: parseJsonObject(bytes, where), where };
  await nextTurn(options);
  const document = parseJsonObject(bytes, where);
  // What follows takes its time as well.
  await nextTurn(options);
  return { document, where };
}

/** Parsing so many bytes takes some dozens of milliseconds, and cannot be interrupted. */
const LARGE = 4_000_000;

let turns = Promise.resolve();

/** Large documents that arrive together are not parsed in one turn of the event loop, so that signals come in between. */
async function nextTurn({ signal }: ReadOptions = {}): Promise<void> {
  turns = turns.then(yieldToEventLoop);
  await turns;
  signal?.throwIfAborted();
}

function attributesOf(value: unknown, where: DocumentLocation): JsonObject {
  if (value === undefined) return {};
  if (isJsonObject(value)) return value;
  throw new InvalidMetadataError(
    `the attributes of ${where.path} in ${where.location} are not a JSON object`,
    where,
  );
}

/**
 * Reads the `zarr.json` of an array (Zarr v3 core specification, "Array metadata").
 *
 * @throws InvalidMetadataError naming the invalid member
 */
export function describeArrayV3(document: JsonObject, where: DocumentLocation): ArrayDescription {
  const shape = requireExtents(document["shape"], "shape", where);
  const grid = regularGrid(document["chunk_grid"], where);
  const gridShape = requireExtents(grid["chunk_shape"], "chunk_grid's chunk_shape", where, {
    length: shape.length,
    least: 1,
  });
  const codecs = listCodecs(document["codecs"], where);
  const sharding = codecs.find((codec) => codec["name"] === "sharding_indexed");
  const inner = configuration(sharding);
  const chunkShape = sharding
    ? requireExtents(inner["chunk_shape"], "sharding_indexed codec's chunk_shape", where, {
        length: shape.length,
        least: 1,
      })
    : gridShape;
  const dtype = dataType(document["data_type"], where);
  checkCodecsV3(codecs, shape.length, where);
  const innerCodecs = sharding ? listCodecs(inner["codecs"], where) : codecs;
  if (sharding) checkCodecsV3(innerCodecs, shape.length, where);
  checkFillValue(document["fill_value"], dtype, where);
  return {
    shape,
    chunkShape,
    shardShape: sharding ? gridShape : undefined,
    dtype,
    codecs: innerCodecs,
    dimensionNames: dimensionNames(document["dimension_names"], shape.length, where),
    chunkKey: chunkKey(document["chunk_key_encoding"], where),
    fillValue: document["fill_value"],
  };
}

/**
 * The configuration of a regular grid, the only one of the core specification.
 *
 * @throws UnsupportedError naming another grid, as in `rectilinear`
 */
function regularGrid(grid: unknown, where: DocumentLocation): JsonObject {
  const name = nameOf(grid);
  if (name === "regular" || name === undefined) return configuration(grid);
  throw new UnsupportedError(
    `the chunk grid ${name} of ${where.path} in ${where.location} is not supported: only regular grids are; zarr-python can rewrite the array with one`,
    { ...where, feature: `chunk grid ${name}` },
  );
}

function listCodecs(value: unknown, where: DocumentLocation): readonly JsonObject[] {
  if (!Array.isArray(value)) {
    throw new InvalidMetadataError(`the codecs of ${where.path} in ${where.location} are not a list`, where);
  }
  const codecs = codecObjects(value);
  if (codecs.every(({ name }) => typeof name === "string")) return codecs;
  throw new InvalidMetadataError(`a codec of ${where.path} in ${where.location} has no name`, where);
}

/** The name of an extension point: an object with a name or, since Zarr 3.1, the bare name. */
function nameOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return isJsonObject(value) && typeof value["name"] === "string" ? value["name"] : undefined;
}

function dataType(value: unknown, where: DocumentLocation): string {
  const name = nameOf(value);
  if (name !== undefined) return name;
  throw new InvalidMetadataError(
    `the data_type of ${where.path} in ${where.location} must be a name or an object with one, not ${formatJson(value)}`,
    where,
  );
}

function configuration(value: unknown): JsonObject {
  const found = isJsonObject(value) ? value["configuration"] : undefined;
  return isJsonObject(found) ? found : {};
}

function dimensionNames(
  value: unknown,
  length: number,
  where: DocumentLocation,
): (string | null)[] | undefined {
  if (value === undefined || value === null) return undefined;
  const valid =
    Array.isArray(value) &&
    value.length === length &&
    value.every((name) => name === null || typeof name === "string");
  if (valid) return value;
  throw new InvalidMetadataError(
    `the dimension_names of ${where.path} in ${where.location} must be ${length} names or nulls`,
    where,
  );
}

function chunkKey(value: unknown, where: DocumentLocation): ArrayDescription["chunkKey"] {
  const name = nameOf(value);
  const separator = configuration(value)["separator"] ?? (name === "v2" ? "." : "/");
  if ((name === "default" || name === "v2") && (separator === "/" || separator === ".")) {
    return { prefix: name === "default" ? "c" : "", separator };
  }
  const written = `the chunk_key_encoding of ${where.path} in ${where.location} is ${formatJson(value)}`;
  if (name !== undefined && name !== "default" && name !== "v2") {
    throw new UnsupportedError(
      `${written}, which is not supported: only "default" and "v2" are; zarr-python can rewrite the array with one`,
      { ...where, feature: `chunk key encoding ${name}` },
    );
  }
  throw new InvalidMetadataError(`${written}; only "default" and "v2" with "/" or "." are known`, where);
}

/**
 * Reads a `.zarray` document (Zarr v2 specification, "Arrays").
 *
 * @throws InvalidMetadataError naming the invalid member
 */
export function describeArrayV2(document: JsonObject, where: DocumentLocation): ArrayDescription {
  const shape = requireExtents(document["shape"], "shape", where);
  const chunkShape = requireExtents(document["chunks"], "chunks", where, { length: shape.length, least: 1 });
  const separator = document["dimension_separator"] ?? ".";
  if (separator !== "/" && separator !== ".") {
    throw new InvalidMetadataError(
      `the dimension_separator of ${where.path} in ${where.location} is ${formatJson(separator)}; it can only be "/" or "."`,
      where,
    );
  }
  const parsed = parseDataTypeV2(document["dtype"]);
  const dtype = (parsed && dataTypeV3Name(parsed)) ?? dataTypeText(document["dtype"], where);
  checkCodecsV2(document, where);
  // Other values than integers have been left to readers: v2 has no rule for them.
  const fill = document["fill_value"];
  if (Number.isInteger(fill) || guardedInteger(fill) !== undefined) checkFillValue(fill, dtype, where);
  return {
    shape,
    chunkShape,
    shardShape: undefined,
    dtype,
    codecs: [...listOf(document["filters"]), ...listOf([document["compressor"]])],
    dimensionNames: undefined,
    chunkKey: { prefix: "", separator },
    fillValue: document["fill_value"],
  };
}

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function dataTypeText(dtype: unknown, where: DocumentLocation): string {
  if (typeof dtype === "string") return dtype;
  if (Array.isArray(dtype)) return formatJson(dtype);
  throw new InvalidMetadataError(
    `the dtype of ${where.path} in ${where.location} must be a string or, for structures, a list, not ${formatJson(dtype)}`,
    where,
  );
}
