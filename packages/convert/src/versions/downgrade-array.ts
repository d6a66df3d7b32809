import type { AbsolutePath, ArrayDescription, JsonObject } from "@ozx/core";
import { UnsupportedError } from "@ozx/core";
import { isJsonObject, parentKey } from "@ozx/core/container";
import {
  dataTypeV2Name,
  downgradeFillValue,
  formatChunkKey,
  formatJson,
  joinKey,
  nameBelow,
  parseChunkKey,
} from "@ozx/core/internal";

/**
 * The `.zarray` of a Zarr v3 array whose chunks stay as they are, byte for byte, under nested keys (`0/0`).
 *
 * @throws UnsupportedError naming what Zarr v2 has no lossless word for: shards, codecs, data types
 */
export function downgradeArray(
  document: JsonObject,
  array: ArrayDescription,
  place: DocumentLocation,
): JsonObject {
  if (array.shardShape !== undefined) {
    throw cannotDowngrade(
      place,
      "shards",
      "it is sharded, and Zarr v2 has no shards; write OME-Zarr 0.5 or 0.6",
    );
  }
  const grid = document["chunk_grid"];
  if (isJsonObject(grid) && grid["name"] !== "regular") {
    throw cannotDowngrade(
      place,
      `chunk grid ${grid["name"]}`,
      `its chunk grid is ${formatJson(grid["name"])}`,
    );
  }
  const transformers = document["storage_transformers"];
  if (Array.isArray(transformers) && transformers.length > 0) {
    throw cannotDowngrade(place, "storage transformers", "it has storage transformers");
  }
  const { byteOrder, order, filters, compressor } = downgradeCodecs(array, place);
  const isText = filters.some(({ id }) => id === "vlen-utf8");
  const dtype = isText ? "|O" : dataTypeV2Name(array.dtype, byteOrder);
  if (dtype === undefined) {
    throw cannotDowngrade(
      place,
      `data type ${array.dtype}`,
      `its data type ${array.dtype} has no equal there`,
    );
  }
  return {
    zarr_format: 2,
    shape: array.shape,
    chunks: array.chunkShape,
    dtype,
    compressor,
    fill_value: downgradeFillValue(document["fill_value"], array.dtype),
    order,
    filters: filters.length === 0 ? null : filters,
    dimension_separator: "/",
  };
}

/** What Zarr v2 says of an array's codecs. */
export interface CodecsV2 {
  readonly byteOrder: "<" | ">";
  readonly order: "C" | "F";
  readonly filters: readonly JsonObject[];
  readonly compressor: JsonObject | null;
}

/**
 * The order, filters and compressor of Zarr v2 that decode the chunks of a v3 array as they are.
 *
 * @throws UnsupportedError for codecs that v2 has no byte-compatible word for
 */
export function downgradeCodecs({ codecs, shape }: ArrayDescription, place: DocumentLocation): CodecsV2 {
  let order: "C" | "F" = "C";
  let byteOrder: "<" | ">" = "<";
  const filters: JsonObject[] = [];
  const compressors: JsonObject[] = [];
  for (const codec of codecs) {
    const { name } = codec;
    const written = codec["configuration"];
    const options: JsonObject = isJsonObject(written) ? written : {};
    if (name === "transpose") order = orderOf(options["order"], shape.length, place);
    else if (name === "bytes") byteOrder = options["endian"] === "big" ? ">" : "<";
    else if (name === "vlen-utf8") filters.push({ id: "vlen-utf8" });
    else compressors.push(compressorOf(String(name), options, place));
  }
  const [compressor = null, second] = compressors;
  if (second !== undefined) {
    const names = compressors.map(({ id }) => id).join(" and ");
    throw cannotDowngrade(place, `codecs ${names}`, `it is compressed twice, with ${names}`);
  }
  return { byteOrder, order, filters, compressor };
}

function orderOf(written: unknown, dimensions: number, place: DocumentLocation): "C" | "F" {
  const order = Array.isArray(written) ? written : [];
  if (order.every((axis, at) => axis === at)) return "C";
  if (order.every((axis, at) => axis === dimensions - 1 - at)) return "F";
  const spelled = formatJson(written);
  throw cannotDowngrade(
    place,
    `transpose ${spelled}`,
    `its axes are transposed by ${spelled}, which is no order of Zarr v2`,
  );
}

const SHUFFLES: readonly unknown[] = ["noshuffle", "shuffle", "bitshuffle"];

function compressorOf(name: string, options: JsonObject, place: DocumentLocation): JsonObject {
  switch (name) {
    case "blosc":
      return {
        id: "blosc",
        cname: options["cname"] ?? "lz4",
        clevel: options["clevel"] ?? 5,
        shuffle: Math.max(0, SHUFFLES.indexOf(options["shuffle"])),
        blocksize: options["blocksize"] ?? 0,
      };
    case "gzip":
      return { id: "gzip", level: options["level"] ?? 1 };
    case "zstd":
      // numcodecs before 0.13 knows no checksum, and stumbles over one that is named.
      return {
        id: "zstd",
        level: options["level"] ?? 0,
        ...(options["checksum"] === true && { checksum: true }),
      };
    case "numcodecs.zlib":
    case "numcodecs.lz4":
    case "numcodecs.bz2":
    case "numcodecs.lzma":
      return { ...options, id: name.slice("numcodecs.".length) };
    default:
      throw cannotDowngrade(
        place,
        `codec ${name}`,
        `its codec ${name} has no equal there; encode it anew with --codec first`,
      );
  }
}

type Arrays = ReadonlyMap<AbsolutePath, ArrayDescription>;

/** How chunks are named in the Zarr v2 that is written: `0/0`. */
const NESTED: ArrayDescription["chunkKey"] = { prefix: "", separator: "/" };

/** The key of an entry in Zarr v2; that of what is no chunk stays. */
export function downgradedKey(key: AbsolutePath, arrays: Arrays): AbsolutePath {
  return renamedKey(key, arrays, (array) => [array, NESTED]);
}

/** The inverse of {@link downgradedKey}, for keys of chunks. */
export function upgradedKey(key: AbsolutePath, arrays: Arrays): AbsolutePath {
  return renamedKey(key, arrays, (array) => [{ ...array, chunkKey: NESTED }, array.chunkKey]);
}

/** @param naming how the chunks of an array are named before, and after */
function renamedKey(
  key: AbsolutePath,
  arrays: Arrays,
  naming: (
    array: ArrayDescription,
  ) => readonly [before: ArrayDescription, after: ArrayDescription["chunkKey"]],
): AbsolutePath {
  for (let path = parentKey(key); ; path = parentKey(path)) {
    const array = arrays.get(path);
    if (array !== undefined) {
      const [before, after] = naming(array);
      const position = parseChunkKey(nameBelow(path, key), before);
      return position ? joinKey(path, formatChunkKey(position, after)) : key;
    }
    if (path === "/") return key;
  }
}

/** The document that is being rewritten. */
export interface DocumentLocation {
  readonly location: string;
  readonly path: string;
}

/** The refusal of something that Zarr v2 cannot say without touching the data. */
export function cannotDowngrade(place: DocumentLocation, feature: string, why: string): UnsupportedError {
  return new UnsupportedError(
    `${place.path} in ${place.location} cannot become Zarr v2, which OME-Zarr 0.4 is kept in: ${why}`,
    { ...place, feature },
  );
}
