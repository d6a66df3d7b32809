import { type ArrayDescription, type JsonObject, UnsupportedError } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import { type DocumentLocation, dataTypeV2Name, downgradeFillValue, formatJson } from "@ozx/core/internal";

/**
 * The `.zarray` of a Zarr v3 array whose chunks keep their bytes, under nested keys (`0/0`).
 *
 * @param document the array's `zarr.json`
 * @param where the document, for messages
 * @throws UnsupportedError naming what Zarr v2 cannot express without loss: shards, codecs, data types
 */
export function downgradeArray(
  document: JsonObject,
  array: ArrayDescription,
  where: DocumentLocation,
): JsonObject {
  if (array.shardShape !== undefined) {
    throw cannotDowngrade(
      where,
      "shards",
      "it is sharded, and Zarr v2 has no shards; write OME-Zarr 0.5 or 0.6",
    );
  }
  const grid = document["chunk_grid"];
  if (isJsonObject(grid) && grid["name"] !== "regular") {
    throw cannotDowngrade(
      where,
      `chunk grid ${grid["name"]}`,
      `its chunk grid is ${formatJson(grid["name"])}`,
    );
  }
  const transformers = document["storage_transformers"];
  if (Array.isArray(transformers) && transformers.length > 0) {
    throw cannotDowngrade(where, "storage transformers", "it has storage transformers");
  }
  const { byteOrder, order, filters, compressor } = downgradeCodecs(array, where);
  const isText = filters.some(({ id }) => id === "vlen-utf8");
  const dtype = isText ? "|O" : dataTypeV2Name(array.dtype, byteOrder);
  if (dtype === undefined) {
    throw cannotDowngrade(
      where,
      `data type ${array.dtype}`,
      `its data type ${array.dtype} has no equivalent there`,
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

/** An array's codecs as Zarr v2 describes them. */
interface CodecsV2 {
  readonly byteOrder: "<" | ">";
  readonly order: "C" | "F";
  readonly filters: readonly JsonObject[];
  readonly compressor: JsonObject | null;
}

/**
 * The order, filters and compressor of Zarr v2 that decode the chunks of a v3 array as they are.
 *
 * @throws UnsupportedError for codecs without a byte-compatible equivalent in v2
 */
function downgradeCodecs({ codecs, shape }: ArrayDescription, where: DocumentLocation): CodecsV2 {
  let order: "C" | "F" = "C";
  let byteOrder: "<" | ">" = "<";
  const filters: JsonObject[] = [];
  const compressors: JsonObject[] = [];
  for (const codec of codecs) {
    const { name } = codec;
    const written = codec["configuration"];
    const options: JsonObject = isJsonObject(written) ? written : {};
    if (name === "transpose") order = orderOf(options["order"], shape.length, where);
    else if (name === "bytes") byteOrder = options["endian"] === "big" ? ">" : "<";
    else if (name === "vlen-utf8") filters.push({ id: "vlen-utf8" });
    else compressors.push(compressorOf(String(name), options, where));
  }
  const [compressor = null, second] = compressors;
  if (second !== undefined) {
    const names = compressors.map(({ id }) => id).join(" and ");
    throw cannotDowngrade(where, `codecs ${names}`, `it is compressed twice, with ${names}`);
  }
  return { byteOrder, order, filters, compressor };
}

function orderOf(written: unknown, dimensions: number, where: DocumentLocation): "C" | "F" {
  const order = Array.isArray(written) ? written : [];
  if (order.every((axis, at) => axis === at)) return "C";
  if (order.every((axis, at) => axis === dimensions - 1 - at)) return "F";
  const spelled = formatJson(written);
  throw cannotDowngrade(
    where,
    `transpose ${spelled}`,
    `its axes are transposed by ${spelled}, which is neither C nor F order`,
  );
}

const SHUFFLES: readonly unknown[] = ["noshuffle", "shuffle", "bitshuffle"];

function compressorOf(name: string, options: JsonObject, where: DocumentLocation): JsonObject {
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
      // numcodecs before 0.13 fails on the option `checksum`, and compares checksums without it.
      return { id: "zstd", level: options["level"] ?? 0 };
    case "numcodecs.zlib":
    case "numcodecs.lz4":
    case "numcodecs.bz2":
    case "numcodecs.lzma":
      return { ...options, id: name.slice("numcodecs.".length) };
    default:
      throw cannotDowngrade(
        where,
        `codec ${name}`,
        `its codec ${name} has no equivalent there; re-encode it with --codec first`,
      );
  }
}

/** The error for something that Zarr v2 cannot express unless the data are changed. */
function cannotDowngrade(where: DocumentLocation, feature: string, why: string): UnsupportedError {
  return new UnsupportedError(
    `${where.path} in ${where.location} cannot become Zarr v2, the format of OME-Zarr 0.4: ${why}`,
    { ...where, feature },
  );
}
