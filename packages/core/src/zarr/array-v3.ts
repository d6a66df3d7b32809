import { InvalidMetadataError } from "../errors.js";
import { requireExtents } from "./extents.js";
import { isJsonObject, type JsonObject, spellJson } from "./json.js";
import type { ArrayDescription } from "./node.js";

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
    `the data_type of ${place.path} in ${place.location} must be a name or an object with one, not ${spellJson(value)}`,
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
    `the chunk_key_encoding of ${place.path} in ${place.location} is ${spellJson(value)}; only "default" and "v2" with "/" or "." are known`,
    place,
  );
}
