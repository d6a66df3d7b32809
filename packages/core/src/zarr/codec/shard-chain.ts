import type { Codecs } from "../../codecs/codecs.js";
import { gridShape, positionsOf } from "../../image/grid-order.js";
import type { JsonObject } from "../json.js";
import { extentAt, parseShardIndex } from "../shard/shard-index.js";
import { indexLayout } from "../shard/shard-layout.js";
import { type Codec, codecOf } from "./codec.js";
import { decodeBytes } from "./decode-bytes.js";

/** The largest object that is decoded as a whole, in bytes. */
export const LARGEST_OBJECT = 1024 * 1024 * 1024;

/** A chain in three: transpositions, the codec of elements, and the codecs of bytes. */
export interface SplitChain {
  readonly transposes: readonly Codec[];
  readonly toBytes: Codec | undefined;
  readonly ofBytes: readonly Codec[];
  /** Other codecs before that of elements. */
  readonly others: readonly Codec[];
}

export function splitAt(codecs: readonly unknown[]): SplitChain {
  const named = codecs.map(codecOf);
  const at = named.findIndex(({ name }) => name === "bytes" || name === "sharding_indexed");
  const before = at < 0 ? named : named.slice(0, at);
  const isTranspose = ({ name, configuration }: Codec): boolean =>
    name === "transpose" && Array.isArray(configuration["order"]);
  return {
    transposes: before.filter(isTranspose),
    toBytes: at < 0 ? undefined : named[at],
    ofBytes: at < 0 ? [] : named.slice(at + 1),
    others: before.filter((codec) => !isTranspose(codec)),
  };
}

/** Whether a codec is that of shards. */
export function isSharding(codec: unknown): boolean {
  return codecOf(codec).name === "sharding_indexed";
}

/** An array of shards in shards, or with codecs around shards, as one of its innermost chunks. */
export interface InnermostChunks {
  /** The shape of an innermost chunk. */
  readonly chunkShape: readonly number[];
  /** Its codecs. */
  readonly codecs: readonly JsonObject[];
}

/**
 * The innermost chunks of a chain of shards, or why they cannot be taken out with their bytes unchanged, as a clause about
 * the shards.
 *
 * @param codecs of an object, without a {@link chainFault}
 */
export function innermostChunks(codecs: readonly JsonObject[]): InnermostChunks | string {
  const { toBytes, transposes } = splitAt(codecs);
  if (toBytes?.name !== "sharding_indexed") return "they have no chunks";
  // Then the axes of shards are not the axes of the array.
  if (transposes.length > 0) return "transpose comes before sharding";
  const chunkShape = toBytes.configuration["chunk_shape"] as readonly number[];
  const inner = toBytes.configuration["codecs"] as readonly JsonObject[];
  return inner.some(isSharding) ? innermostChunks(inner) : { chunkShape, codecs: inner };
}

/** An innermost chunk of a shard: its first element in the object, and its bytes. */
export interface InnermostChunk {
  readonly origin: readonly number[];
  readonly bytes: Uint8Array;
}

/**
 * Takes the innermost chunks out of an object, in C order of the shards that they are in, with their bytes unchanged.
 *
 * @param codecs with {@link innermostChunks}
 * @returns the chunks, or what is wrong, as the end of a sentence about the object
 */
export function takeChunks(
  codecs: readonly JsonObject[],
  shape: readonly number[],
  bytes: Uint8Array,
  platform: Codecs,
): InnermostChunk[] | string {
  const { toBytes, ofBytes } = splitAt(codecs);
  if (toBytes === undefined) return "has no codec for its elements";
  const decoded =
    ofBytes.length === 0
      ? bytes
      : decodeBytes(ofBytes, { bytes, size: { atMost: LARGEST_OBJECT } }, platform);
  if (typeof decoded === "string") return decoded;
  const chunkShape = toBytes.configuration["chunk_shape"] as readonly number[];
  const inner = toBytes.configuration["codecs"] as readonly JsonObject[];
  const members = membersOf(decoded, toBytes.configuration, shape);
  if (typeof members === "string") return members;
  const chunks: InnermostChunk[] = [];
  for (const found of members) {
    const origin = found.position.map((at, axis) => at * (chunkShape[axis] ?? 1));
    if (!inner.some(isSharding)) {
      chunks.push({ origin, bytes: found.stored });
      continue;
    }
    const within = takeChunks(inner, chunkShape, found.stored, platform);
    if (typeof within === "string") return `has a chunk at (${found.position.join(", ")}) that ${within}`;
    for (const one of within) {
      chunks.push({ origin: one.origin.map((at, axis) => at + (origin[axis] ?? 0)), bytes: one.bytes });
    }
  }
  return chunks;
}

/** A chunk in a shard: its position among the chunks of the shard, and its bytes. */
interface ShardMember {
  readonly position: readonly number[];
  readonly stored: Uint8Array;
}

/**
 * The chunks that the index of a shard lists, in C order.
 *
 * @param configuration of the codec `sharding_indexed`
 * @param shape of the shard
 * @returns what is wrong, as the end of a sentence about the shard
 */
export function membersOf(
  bytes: Uint8Array,
  configuration: JsonObject,
  shape: readonly number[],
): ShardMember[] | string {
  const grid = gridShape(shape, configuration["chunk_shape"] as readonly number[]);
  const layout = indexLayout(configuration, grid);
  if (typeof layout === "string") return `has an index that cannot be read: ${layout}`;
  const { indexSize, location } = layout;
  // So the bytes, and not what a document claims, bound the number of chunks.
  if (bytes.length < indexSize) return `has ${bytes.length} bytes, fewer than its index`;
  const part = location === "start" ? bytes.subarray(0, indexSize) : bytes.subarray(bytes.length - indexSize);
  const index = parseShardIndex(part, layout);
  if (typeof index === "string") return `has an index that ${index}`;
  const members: ShardMember[] = [];
  let chunk = 0;
  for (const position of positionsOf(grid)) {
    const extent = extentAt(index, chunk++);
    if (extent === undefined) continue;
    const end = extent.offset + extent.length;
    if (end > bytes.length) return `has a chunk at (${position.join(", ")}) that ends beyond it`;
    members.push({ position, stored: bytes.subarray(extent.offset, end) });
  }
  return members;
}
