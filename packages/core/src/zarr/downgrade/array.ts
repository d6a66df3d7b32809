import { dataTypeV2Name } from "../data-type.js";
import { isJsonObject, type JsonObject, spellJson } from "../json.js";
import type { ArrayDescription } from "../node.js";
import { downgradeCodecs } from "./codecs.js";
import { downgradeFillValue } from "./fill-value.js";
import { cannotDowngrade, type DowngradePlace } from "./place.js";

/**
 * The `.zarray` of a Zarr v3 array whose chunks stay as they are, byte for byte, under nested keys (`0/0`).
 *
 * @throws UnsupportedError naming what Zarr v2 has no lossless word for: shards, codecs, data types
 */
export function downgradeArray(
  document: JsonObject,
  array: ArrayDescription,
  place: DowngradePlace,
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
      `its chunk grid is ${spellJson(grid["name"])}`,
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
