import type * as zarr from "zarrita";
import type { AsyncReadable } from "zarrita";
import { DamagedChunkError } from "../codecs/fault.js";
import { CorruptDataError, InvalidMetadataError, isOzxError, UnsupportedError } from "../errors.js";
import { countElements } from "../image/grid-order.js";
import type { AbsolutePath, Store } from "../store/store.js";
import { joinKey } from "../store/store-keys.js";
import { tooLongValue } from "../store/value-limit.js";
import { chainOf, unknownCodec } from "../zarr/codec/codec.js";
import { encodedBound } from "../zarr/codec/encoded-bound.js";
import { filterFault, misplacedFilter } from "../zarr/codec/filters-v2.js";
import { loadZarrita } from "../zarr/codec/load-zarrita.js";
import { downgradeFillValue, parseDataTypeV2, plainFillValue } from "../zarr/data-types.js";
import { guardedInteger, isJsonObject, type JsonObject, stringifyJson } from "../zarr/json.js";
import { checkIndexSize } from "../zarr/shard/shard-index-cache.js";
import type { ArrayNode } from "../zarr/zarr-node.js";
import type { PixelArray } from "./open-node.js";

/**
 * Opens an array with zarrita, without reading its metadata again. zarrita's errors, also those of reading chunks later,
 * become an {@link OzxError} that names the array.
 *
 * @throws UnsupportedError, InvalidMetadataError
 */
export async function openArray(store: ArraySource, node: ArrayNode): Promise<PixelArray> {
  checkReadable(node, store.name);
  // Loaded when pixels are read, so that reading only metadata starts faster.
  const { root, open, registry, Location, defineArrayExtension, isZarritaError } = await loadZarrita();
  refuseUnknownCodecs(node, store.name, registry);
  const place = { location: store.name, path: node.path };
  const translate = (error: unknown, what: string, otherwise: Fault): unknown => {
    const ours = ownErrorIn(error);
    if (ours instanceof DamagedChunkError) {
      const message = `${what} in ${store.name} cannot be read: it ${ours.reason}`;
      return new CorruptDataError(message, place, { cause: error });
    }
    if (ours === error || isAbort(error)) return error;
    const message = `${what} in ${store.name} cannot be read: ${describe(error)}`;
    if (isOzxError(ours, "Unsupported")) {
      return new UnsupportedError(message, { ...place, feature: ours.feature }, { cause: error });
    }
    if (isZarritaError(error, "UnknownCodecError", "UnsupportedError")) {
      const feature = "codec" in error ? error.codec : error.feature;
      const wayOut = "zarr-python can rewrite the array without it";
      return new UnsupportedError(`${message}; ${wayOut}`, { ...place, feature }, { cause: error });
    }
    const Wrapper = isZarritaError(error, "InvalidMetadataError") ? InvalidMetadataError : otherwise;
    return new Wrapper(message, place, { cause: error });
  };

  let array: PixelArray;
  try {
    const location = new Location(root(arrayStore(store, node)).store, asUrlPath(node.path));
    const versioned = node.zarrFormat === 3 ? open.v3 : open.v2;
    array = await versioned(location, { kind: "array" });
  } catch (error) {
    throw translate(error, node.path, InvalidMetadataError);
  }

  const elements = countElements(array.chunks);
  return defineArrayExtension((inner: PixelArray) => ({
    async getChunk(position: number[], options?: zarr.GetOptions, more?: object) {
      const what = `chunk (${position.join(", ")}) of ${node.path}`;
      try {
        const chunk = await inner.getChunk(position, options, more);
        const { length } = chunk.data;
        if (length === elements) return chunk;
        // zarrita would leave old values in the rest of the result.
        throw new Error(`it decodes to ${length} values instead of ${elements}`);
      } catch (error) {
        // The reason of the signal may be any error, such as that of `AbortSignal.timeout`.
        options?.signal?.throwIfAborted();
        throw translate(error, what, CorruptDataError);
      }
    },
  }))(array);
}

/**
 * Refuses codecs that are not in zarrita's registry. It would look for all of them at once and wait for the first only:
 * a second one that is unknown would be a rejection that nobody can catch, which ends a process of Node.
 *
 * @throws UnsupportedError
 */
function refuseUnknownCodecs(
  node: ArrayNode,
  location: string,
  registry: Pick<ReadonlyMap<string, unknown>, "has">,
): void {
  const index = shardingOf(node)?.["index_codecs"];
  const unknown = unknownCodec([...node.array.codecs, ...(Array.isArray(index) ? index : [])], registry);
  if (unknown !== undefined) throw cannotRead(node, location, `the codec ${unknown}`);
}

type Fault = typeof CorruptDataError | typeof InvalidMetadataError;

/** Escapes a path, because zarrita resolves keys as URLs: a `#` or `%` would change them. */
function asUrlPath(path: AbsolutePath): AbsolutePath {
  return path.split("/").map(encodeURIComponent).join("/") as AbsolutePath;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

/** The error of ours that zarrita has wrapped, or that it has handed on. */
function ownErrorIn(error: unknown): unknown {
  for (let found = error; found instanceof Error; found = found.cause) if (isOzxError(found)) return found;
  return undefined;
}

/** The message of an error and its cause: zarrita wraps what its codecs throw. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message} (${cause.message})` : error.message;
}

/** The part of a store that reads the chunks of an array. */
export type ArraySource = Pick<Store, "name" | "get" | "getRange">;

/** A store for zarrita with one array: the metadata is known already, and chunks are read from the array's store. */
function arrayStore(store: ArraySource, node: ArrayNode): AsyncReadable {
  const documents = documentsOf(node);
  const atMost = encodedBound(node.array);
  const indexAtStart = shardingOf(node)?.["index_location"] === "start";
  return {
    async get(key, options) {
      return documents.has(key) ? documents.get(key) : store.get(key, { ...options, atMost });
    },
    async getRange(key, range, options) {
      // zarrita 0.7.5 reads only the index of a shard by a suffix range, even where it is at the start. It shares the
      // result with all readers, so the signal of the first one must not abort it.
      if (!("suffixLength" in range)) {
        if (range.length > atMost) throw tooLongValue(store.name, key, { size: range.length, atMost });
        return store.getRange(key, range, options);
      }
      checkIndexSize(store, key, range.suffixLength);
      return store.getRange(key, indexAtStart ? { offset: 0, length: range.suffixLength } : range);
    },
  };
}

/** The metadata documents that zarrita reads. */
function documentsOf(node: ArrayNode) {
  const { path, zarrFormat, attributes } = node;
  const named = (name: string): AbsolutePath => joinKey(path, name);
  const own = stringifyJson(withPlainFillValue(node));
  return zarrFormat === 3
    ? new Map([[named("zarr.json"), own]])
    : new Map([
        [named(".zarray"), own],
        [named(".zattrs"), stringifyJson(attributes)],
      ]);
}

/** The metadata of Zarr v3 without bare names, which Zarr 3.1 allows in place of objects and zarrita does not know. */
function withoutBareNames({ document, array: { dtype, chunkKey } }: ArrayNode): JsonObject {
  const encoding = {
    name: chunkKey.prefix === "c" ? "default" : "v2",
    configuration: { separator: chunkKey.separator },
  };
  return { ...document, data_type: dtype, chunk_key_encoding: encoding, codecs: chainOf(document) };
}

/**
 * The metadata with a fill value that zarrita understands: digits in a string, which become a bigint, where `JSON.parse`
 * would round; a number where v3 gives its bits; and v3's default where v2 leaves it undefined.
 */
function withPlainFillValue(node: ArrayNode): JsonObject {
  const { array, zarrFormat } = node;
  const { dtype, codecs } = array;
  const document = zarrFormat === 3 ? withoutBareNames(node) : withByteOrder(node.document);
  const fill = document["fill_value"];
  const exact = guardedInteger(fill);
  if (exact !== undefined) return { ...document, fill_value: String(exact) };
  const spelled = plainFillValue(fill, dtype);
  if (spelled !== fill) return { ...document, fill_value: spelled };
  if (zarrFormat === 3) return { ...document, fill_value: downgradeFillValue(fill, dtype) };
  const isText = /^[<>|][SU]/.test(dtype) || (dtype === "|O" && codecs[0]?.["id"] === "vlen-utf8");
  const isUndefined = fill === undefined || fill === null || (isText && fill === 0);
  if (!isUndefined || (dtype === "|O" && !isText)) return document;
  return { ...document, fill_value: isText ? "" : 0 };
}

/** zarrita knows no dtype without a byte order. */
function withByteOrder(document: JsonObject): JsonObject {
  const type = parseDataTypeV2(document["dtype"]);
  return type === undefined
    ? document
    : { ...document, dtype: `${type.order}${type.kind}${type.itemSize || ""}` };
}

/** The configuration of an array's sharding codec; undefined for arrays without shards. */
function shardingOf({ zarrFormat, document }: ArrayNode): JsonObject | undefined {
  if (zarrFormat !== 3) return undefined;
  const codec = chainOf(document).find(({ name }) => name === SHARDING);
  const configuration = codec?.["configuration"];
  return isJsonObject(configuration) ? configuration : undefined;
}

/**
 * Refuses arrays that zarrita 0.7.5 would read wrongly without an error.
 *
 * @throws UnsupportedError, InvalidMetadataError
 */
export function checkReadable(node: ArrayNode, location: string): void {
  if (!isKnownType(node)) throw cannotRead(node, location, `the data type ${node.array.dtype}`);
  const fault = filterFaultIn(node);
  if (fault !== undefined) throw cannotRead(node, location, `the filter ${fault}`);
  checkChunksKnown(node, location);
  const codecs = chainOf(node.document);
  if (!codecs.some(({ name }) => name === SHARDING)) return;
  if (codecs.length > 1) throw cannotRead(node, location, "a codec around its shards");
  const isNested = node.array.codecs.some(({ name }) => name === SHARDING);
  if (isNested) throw cannotRead(node, location, "shards inside shards");
}

/** A filter of Zarr v2 that zarrita applies differently from numcodecs. zarrita refuses unknown filters itself. */
function filterFaultIn({ zarrFormat, document: { filters, dtype } }: ArrayNode): string | undefined {
  if (zarrFormat !== 2 || !Array.isArray(filters)) return undefined;
  const known = filters.filter((filter) => isJsonObject(filter) && CALCULATED.has(filter["id"]));
  const faults = [misplacedFilter(filters), ...known.map((filter) => filterFault(filter, dtype))];
  return faults.find((fault) => fault !== undefined);
}

const CALCULATED: ReadonlySet<unknown> = new Set(["delta", "fixedscaleoffset", "shuffle"]);

function cannotRead({ path }: ArrayNode, location: string, feature: string): UnsupportedError {
  return new UnsupportedError(
    `${path} in ${location} cannot be read: ${feature} is not supported; zarr-python can rewrite the array without it`,
    { location, path, feature },
  );
}

/**
 * Refuses arrays whose chunks cannot be located.
 *
 * @throws UnsupportedError, InvalidMetadataError
 */
export function checkChunksKnown(node: ArrayNode, location: string): void {
  const { path, document, array } = node;
  const refuse = (feature: string): never => {
    throw cannotRead(node, location, feature);
  };
  if (node.zarrFormat !== 3) return;

  const grid = document["chunk_grid"];
  const gridName = isJsonObject(grid) ? grid["name"] : grid;
  if (gridName !== "regular") refuse(`the chunk grid ${JSON.stringify(gridName)}`);
  const transformers = document["storage_transformers"];
  if (Array.isArray(transformers) && transformers.length > 0) refuse("a storage transformer");

  if (!chainOf(document).some(({ name }) => name === SHARDING)) return;
  const { shardShape = [], chunkShape } = array;
  if (shardShape.some((size, axis) => size % (chunkShape[axis] ?? 1) !== 0)) {
    throw new InvalidMetadataError(
      `${path} in ${location} cannot be read: its shards of ${shardShape.join(" × ")} are not divisible into chunks of ${chunkShape.join(" × ")}`,
      { location, path },
    );
  }
}

const SHARDING = "sharding_indexed";

/** Whether this JavaScript engine has an array for the data type. */
function isKnownType({ zarrFormat, array: { dtype } }: ArrayNode): boolean {
  if (dtype === "float16") return "Float16Array" in globalThis;
  // For Zarr v2, zarrita knows strings and objects too, and refuses unknown types itself.
  if (zarrFormat === 2) return !dtype.startsWith("complex");
  return /^(?:u?int(?:8|16|32|64)|float(?:32|64)|bool|string)$/.test(dtype);
}
