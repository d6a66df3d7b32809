import { isJsonObject, type JsonObject } from "../json.js";
import type { ArrayNode } from "../node.js";

/** How the shards of an array are made (Zarr v3, `sharding_indexed`). */
export interface ShardLayout {
  readonly location: "start" | "end";
  /** Chunks in a shard, in each dimension. */
  readonly grid: readonly number[];
  /** Bytes of the index, its checksum included. */
  readonly indexSize: number;
  readonly littleEndian: boolean;
  readonly checksum: boolean;
}

/**
 * The layout of an array's shards; the end of a sentence about them where it cannot be known, and undefined where
 * there are none, or chunks do not fill them.
 */
export function shardLayout({
  document,
  array,
}: Pick<ArrayNode, "document" | "array">): ShardLayout | string | undefined {
  const { shardShape, chunkShape } = array;
  if (shardShape === undefined || !divides(chunkShape, shardShape)) return undefined;
  const outer = objects(document["codecs"]);
  const at = outer.findIndex(({ name }) => name === "sharding_indexed");
  if (at < outer.length - 1) return "they are encoded as a whole once more";
  // Chunks and shards are then counted along other axes than the array's.
  if (at > 0) return `${outer.slice(0, at).map(codecName).join(" and ")} comes before they are made`;
  const configuration = outer[at]?.["configuration"];
  const { index_codecs: indexCodecs, index_location: location = "end" } = isJsonObject(configuration)
    ? configuration
    : ({} as JsonObject);
  if (location !== "start" && location !== "end") {
    return `their index_location is ${JSON.stringify(location)} and neither "start" nor "end"`;
  }
  const codecs = objects(indexCodecs);
  const names = codecs.map(codecName);
  if (names[0] !== "bytes" || names.length > 2 || (names.length === 2 && names[1] !== "crc32c")) {
    return `their index is encoded with ${names.join(", ") || "nothing"} instead of bytes and crc32c`;
  }
  const endian = codecs[0]?.["configuration"];
  const grid = shardShape.map((extent, axis) => extent / (chunkShape[axis] ?? 1));
  const checksum = names.length === 2;
  return {
    location,
    grid,
    indexSize: grid.reduce((product, n) => product * n, 1) * 16 + (checksum ? 4 : 0),
    littleEndian: !(isJsonObject(endian) && endian["endian"] === "big"),
    checksum,
  };
}

/** Codecs as objects: since Zarr 3.1 a bare name is one too. */
function objects(value: unknown): JsonObject[] {
  if (!Array.isArray(value)) return [];
  return value
    .map((codec: unknown) => (typeof codec === "string" ? { name: codec } : codec))
    .filter(isJsonObject);
}

function codecName({ name }: JsonObject): string {
  return String(name);
}

/** Whether chunks fill shards in every dimension. */
export function divides(chunkShape: readonly number[], shardShape: readonly number[]): boolean {
  return shardShape.every((extent, axis) => extent % (chunkShape[axis] ?? 1) === 0);
}

/** The position of a chunk within its shard, by its number in C order. */
export function positionInShard(chunk: number, { grid }: Pick<ShardLayout, "grid">): number[] {
  const position: number[] = [];
  let rest = chunk;
  for (const extent of [...grid].reverse()) {
    position.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  return position;
}

/** The number of a chunk in its shard, in C order, by its position in the array. */
export function numberInShard(position: readonly number[], { grid }: Pick<ShardLayout, "grid">): number {
  return position.reduce((sum, at, axis) => sum * (grid[axis] as number) + (at % (grid[axis] as number)), 0);
}

/** The position of a chunk of a shard within it, as in `0, 1, 3`. */
export function describeChunk(chunk: number, layout: Pick<ShardLayout, "grid">): string {
  return positionInShard(chunk, layout).join(", ");
}
