import { InvalidMetadataError } from "../errors.js";
import { dataTypeV3Name, parseDataTypeV2 } from "./data-type.js";
import { requireExtents } from "./extents.js";
import { isJsonObject, type JsonObject, spellJson } from "./json.js";
import type { ArrayDescription } from "./node.js";

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
      `the dimension_separator of ${place.path} in ${place.location} is ${spellJson(separator)}; it can only be "/" or "."`,
      place,
    );
  }
  const dtype = parseDataTypeV2(document["dtype"]);
  return {
    shape,
    chunkShape,
    shardShape: undefined,
    dtype: (dtype && dataTypeV3Name(dtype)) ?? spell(document["dtype"], place),
    codecs: [...listOf(document["filters"]), ...listOf([document["compressor"]])],
    dimensionNames: undefined,
    chunkKey: { prefix: "", separator },
    fillValue: document["fill_value"],
  };
}

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function spell(dtype: unknown, place: { location: string; path: string }): string {
  if (typeof dtype === "string") return dtype;
  if (Array.isArray(dtype)) return spellJson(dtype);
  throw new InvalidMetadataError(
    `the dtype of ${place.path} in ${place.location} must be a text or, for structures, a list, not ${spellJson(dtype)}`,
    place,
  );
}
