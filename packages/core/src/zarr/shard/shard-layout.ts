import { countElements } from "../../image/grid-order.js";
import { chainOf, codecObjects } from "../codec/codec.js";
import { encodedBound } from "../codec/encoded-bound.js";
import { isJsonObject, type JsonObject } from "../json.js";
import type { ArrayDescription, ArrayNode } from "../zarr-node.js";

/** The layout of a shard's index (Zarr v3, `sharding_indexed`). */
export interface IndexLayout {
  /** Where the index is. */
  readonly location: "start" | "end";
  /** The number of chunks in a shard along each axis. */
  readonly grid: readonly number[];
  /** Bytes of the index, with its checksum. */
  readonly indexSize: number;
  /** Of the index. */
  readonly littleEndian: boolean;
  /** Whether the index ends with a CRC-32C. */
  readonly checksum: boolean;
}

/** The layout of an array's shards. */
export interface ShardLayout extends IndexLayout {
  /** The most bytes that an encoded chunk can have. */
  readonly largestChunk: number;
}

/**
 * The layout of an array's shards.
 *
 * @returns undefined where there are no shards, or chunks do not divide them; a text where they cannot be read without
 * decoding them whole: the reason, as a clause about them
 */
export function shardLayout({
  document,
  array,
}: Pick<ArrayNode, "document" | "array">): ShardLayout | string | undefined {
  const { shardShape, chunkShape } = array;
  if (shardShape === undefined || !divides(chunkShape, shardShape)) return undefined;
  const outer = chainOf(document);
  const at = outer.findIndex(({ name }) => name === "sharding_indexed");
  if (at < outer.length - 1) return "they are encoded again as a whole";
  // Then the axes of shards are not the axes of the array.
  if (at > 0) return `${outer.slice(0, at).map(codecName).join(" and ")} comes before sharding`;
  const configuration = outer[at]?.["configuration"];
  const grid = shardShape.map((extent, axis) => extent / (chunkShape[axis] ?? 1));
  const index = indexLayout(isJsonObject(configuration) ? configuration : {}, grid);
  return typeof index === "string" ? index : { ...index, largestChunk: encodedBound(array) };
}

/**
 * The layout of the index of shards with a number of chunks along each axis.
 *
 * @param configuration of the codec `sharding_indexed`
 * @returns a text where their index cannot be read: the reason, as a clause about the shards
 */
export function indexLayout(
  { index_codecs: indexCodecs, index_location: location = "end" }: JsonObject,
  grid: readonly number[],
): IndexLayout | string {
  if (location !== "start" && location !== "end") {
    return `their index_location is ${JSON.stringify(location)}, neither "start" nor "end"`;
  }
  const codecs = codecObjects(indexCodecs);
  const names = codecs.map(codecName);
  if (names[0] !== "bytes" || names.length > 2 || (names.length === 2 && names[1] !== "crc32c")) {
    return `their index is encoded with ${names.join(", ") || "nothing"} instead of bytes and crc32c`;
  }
  const endian = codecs[0]?.["configuration"];
  const checksum = names.length === 2;
  return {
    location,
    grid,
    indexSize: countElements(grid) * 16 + (checksum ? 4 : 0),
    littleEndian: !(isJsonObject(endian) && endian["endian"] === "big"),
    checksum,
  };
}

function codecName({ name }: JsonObject): string {
  return String(name);
}

/** Whether a shard is a whole number of chunks along every axis. */
export function divides(chunkShape: readonly number[], shardShape: readonly number[]): boolean {
  return shardShape.every((extent, axis) => extent % (chunkShape[axis] ?? 1) === 0);
}

/** The position of a chunk within its shard, from its number in C order. */
export function positionInShard(chunk: number, { grid }: Pick<ShardLayout, "grid">): number[] {
  const position: number[] = [];
  let rest = chunk;
  for (const extent of [...grid].reverse()) {
    position.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  return position;
}

/** The number of a chunk in its shard, in C order, from its position in the array. */
export function numberInShard(position: readonly number[], { grid }: Pick<ShardLayout, "grid">): number {
  return position.reduce((sum, at, axis) => sum * (grid[axis] as number) + (at % (grid[axis] as number)), 0);
}

/** The position of a chunk within its shard, from its number, for messages: `0, 1, 3`. */
export function describeChunk(chunk: number, layout: Pick<ShardLayout, "grid">): string {
  return positionInShard(chunk, layout).join(", ");
}

/** The default size of shards: about this many stored bytes. */
const AUTO_SHARD_BYTES = 256 * 1024 * 1024;
/** The most inner chunks of a shard by default, so that its index stays below a megabyte. */
const AUTO_SHARD_CHUNKS = 32_768;

/** The shards to write: chosen automatically, none, or their size in elements by the name of an axis. */
export type ShardRequest = "auto" | "none" | Readonly<Record<string, number>>;

/**
 * The default shape of shards, in elements: whole chunks of about 256 MiB together, or the whole array when it is smaller.
 * The last axes are filled first, so that a shard is a run of neighbouring planes. Shards of one array are about equal.
 *
 * @param storedChunkBytes the mean size of a stored chunk
 */
export function autoShardShape(
  { shape, chunkShape }: Pick<ArrayDescription, "shape" | "chunkShape">,
  storedChunkBytes: number,
): number[] {
  let remaining = Math.min(
    AUTO_SHARD_CHUNKS,
    Math.max(1, Math.floor(AUTO_SHARD_BYTES / Math.max(1, storedChunkBytes))),
  );
  const shardShape = [...chunkShape];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const chunks = gridExtent(shape, chunkShape, axis);
    const shards = Math.ceil(chunks / remaining);
    const perShard = Math.ceil(chunks / shards);
    shardShape[axis] = perShard * (chunkShape[axis] as number);
    remaining = Math.floor(remaining / perShard);
    if (remaining <= 1) break;
  }
  return shardShape;
}

/**
 * The requested shape of shards, cut to the array's size in whole chunks. Along axes that are not named, a shard is one
 * chunk.
 *
 * @param axes the names of the array's axes
 * @returns the shape, or the axis whose size is not a whole number of chunks
 */
export function requestedShardShape(
  { shape, chunkShape }: Pick<ArrayDescription, "shape" | "chunkShape">,
  axes: readonly string[],
  request: Readonly<Record<string, number>>,
): number[] | { readonly axis: string; readonly chunk: number } {
  const shardShape: number[] = [];
  for (let axis = 0; axis < shape.length; axis++) {
    const name = axes[axis] ?? "";
    const chunk = chunkShape[axis] as number;
    const needed = gridExtent(shape, chunkShape, axis) * chunk;
    const wanted = request[name] ?? chunk;
    // A small level is smaller than the shards of a large one; it gets what it needs.
    if (wanted >= needed) shardShape.push(needed);
    else if (wanted % chunk === 0 && wanted > 0) shardShape.push(wanted);
    else return { axis: name, chunk };
  }
  return shardShape;
}

function gridExtent(shape: readonly number[], chunkShape: readonly number[], axis: number): number {
  return Math.max(1, Math.ceil((shape[axis] as number) / (chunkShape[axis] as number)));
}
