import { isJsonObject, type JsonObject } from "../json.js";
import type { ArrayDescription, ArrayNode } from "../zarr-node.js";

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

/** How large shards are made when nobody says: about this many stored bytes. */
const AUTO_SHARD_BYTES = 256 * 1024 * 1024;
/** And no more inner chunks than this, so that an index stays below a megabyte. */
const AUTO_SHARD_CHUNKS = 32_768;

/** What `--shard` asks for: sizes in elements by the name of an axis, to choose, or that there are no shards. */
export type ShardRequest = "auto" | "none" | Readonly<Record<string, number>>;

/**
 * The shape of shards of about 256 MB, or of the whole array when it is smaller: whole chunks, the last axes
 * filled first, so that a shard is a run of neighbouring planes. Shards of one array are about equal.
 *
 * @param storedChunkBytes the mean size of a stored chunk
 */
export function autoShardShape(
  { shape, chunkShape }: Pick<ArrayDescription, "shape" | "chunkShape">,
  storedChunkBytes: number,
): number[] {
  let room = Math.min(
    AUTO_SHARD_CHUNKS,
    Math.max(1, Math.floor(AUTO_SHARD_BYTES / Math.max(1, storedChunkBytes))),
  );
  const shardShape = [...chunkShape];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const chunks = gridExtent(shape, chunkShape, axis);
    const shards = Math.ceil(chunks / room);
    const perShard = Math.ceil(chunks / shards);
    shardShape[axis] = perShard * (chunkShape[axis] as number);
    room = Math.floor(room / perShard);
    if (room <= 1) break;
  }
  return shardShape;
}

/**
 * The shape that a request asks for, cut to what the array needs; an axis that is not named keeps one chunk.
 *
 * @returns the shape, or the axis whose size is no whole number of chunks
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
