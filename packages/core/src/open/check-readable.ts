import { InvalidMetadataError, UnsupportedError } from "../errors.js";
import { filterFault, misplacedFilter } from "../zarr/codec/filters-v2.js";
import { isJsonObject, type JsonObject } from "../zarr/json.js";
import type { ArrayNode } from "../zarr/zarr-node.js";

/** The configuration of an array's sharding codec; undefined for arrays without shards. */
export function shardingOf({ zarrFormat, document }: ArrayNode): JsonObject | undefined {
  if (zarrFormat !== 3) return undefined;
  const codec = codecsOf(document).find(({ name }) => name === SHARDING);
  const configuration = codec?.["configuration"];
  return isJsonObject(configuration) ? configuration : undefined;
}

/**
 * Refuses arrays that zarrita 0.7.5 would read without an error and with wrong pixels.
 *
 * @throws UnsupportedError, InvalidMetadataError
 */
export function checkReadable(node: ArrayNode, location: string): void {
  if (!isKnownType(node)) throw cannotRead(node, location, `the data type ${node.array.dtype}`);
  const fault = filterFaultIn(node);
  if (fault !== undefined) throw cannotRead(node, location, `the filter ${fault}`);
  checkChunksKnown(node, location);
}

/** What zarrita does another way than numcodecs among the filters of Zarr v2; those it does not know it refuses. */
function filterFaultIn({ zarrFormat, document: { filters, dtype } }: ArrayNode): string | undefined {
  if (zarrFormat !== 2 || !Array.isArray(filters)) return undefined;
  const known = filters.filter((filter) => isJsonObject(filter) && CALCULATED.has(filter["id"]));
  const faults = [misplacedFilter(filters), ...known.map((filter) => filterFault(filter, dtype))];
  return faults.find((fault) => fault !== undefined);
}

const CALCULATED: ReadonlySet<unknown> = new Set(["delta", "fixedscaleoffset", "shuffle"]);

function cannotRead({ path }: ArrayNode, location: string, feature: string): UnsupportedError {
  return new UnsupportedError(
    `${path} in ${location} cannot be read: ${feature} is not supported here; zarr-python can rewrite the array without it`,
    { location, path, feature },
  );
}

/**
 * Refuses arrays of which it is not known where their chunks are, whatever is in them.
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

  const codecs = codecsOf(document);
  if (!codecs.some(({ name }) => name === SHARDING)) return;
  if (codecs.length > 1) refuse("a codec around its shards");
  if (array.codecs.some(({ name }) => name === SHARDING)) refuse("shards inside shards");
  const { shardShape = [], chunkShape } = array;
  if (shardShape.some((size, axis) => size % (chunkShape[axis] ?? 1) !== 0)) {
    throw new InvalidMetadataError(
      `${path} in ${location} cannot be read: its shards of ${shardShape.join(" × ")} do not consist of whole chunks of ${chunkShape.join(" × ")}`,
      { location, path },
    );
  }
}

const SHARDING = "sharding_indexed";

/** Whether JavaScript, and this release of it, has an array for the data type. */
function isKnownType({ zarrFormat, array: { dtype } }: ArrayNode): boolean {
  if (dtype === "float16") return "Float16Array" in globalThis;
  // Of Zarr v2 zarrita knows texts and objects too, and refuses what it does not know.
  if (zarrFormat === 2) return !dtype.startsWith("complex");
  return /^(?:u?int(?:8|16|32|64)|float(?:32|64)|bool|string)$/.test(dtype);
}

function codecsOf(document: JsonObject): JsonObject[] {
  const codecs = document["codecs"];
  return Array.isArray(codecs)
    ? codecs.map((codec: unknown) => (isJsonObject(codec) ? codec : { name: codec }))
    : [];
}
