import type { Finding } from "../../findings/finding.js";
import { breach } from "../../findings/rule.js";
import { crc32cFault } from "../codec/crc32c-fault.js";
import { isJsonObject, type JsonObject } from "../json.js";
import type { ArrayNode } from "../node.js";
import { divides } from "./check-nodes.js";
import { CODEC_UNKNOWN } from "./rules.js";

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

/** Where a chunk lies in its shard. */
export interface ShardExtent {
  /** Its number in the shard, in C order. */
  readonly chunk: number;
  readonly offset: number;
  readonly length: number;
}

/**
 * The layout of an array's shards; a finding where it cannot be known, undefined where another rule says what is
 * wrong with it.
 */
export function shardLayout({ path, document, array }: ArrayNode): ShardLayout | Finding | undefined {
  const { shardShape, chunkShape } = array;
  if (shardShape === undefined || !divides(chunkShape, shardShape)) return undefined;
  const outer = objects(document["codecs"]);
  const at = outer.findIndex(({ name }) => name === "sharding_indexed");
  const unknown = (what: string): Finding =>
    breach(CODEC_UNKNOWN, path, `The shards of the array ${path} are not looked into: ${what}.`);
  if (at < outer.length - 1) return unknown("they are encoded as a whole once more");
  const configuration = outer[at]?.["configuration"];
  const { index_codecs: indexCodecs, index_location: location = "end" } = isJsonObject(configuration)
    ? configuration
    : ({} as JsonObject);
  if (location !== "start" && location !== "end") {
    return unknown(`their index_location is ${JSON.stringify(location)} and neither "start" nor "end"`);
  }
  const codecs = objects(indexCodecs);
  const names = codecs.map(({ name }) => name);
  if (names[0] !== "bytes" || names.length > 2 || (names.length === 2 && names[1] !== "crc32c")) {
    return unknown(
      `their index is encoded with ${names.join(", ") || "nothing"} instead of bytes and crc32c`,
    );
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

/** The chunks that are in a shard, or why its index cannot be believed. */
export function parseShardIndex(bytes: Uint8Array, layout: ShardLayout): ShardExtent[] | string {
  const fault = layout.checksum ? crc32cFault(bytes) : undefined;
  if (fault !== undefined) return fault;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [low, high] = layout.littleEndian ? [0, 4] : [4, 0];
  const read = (at: number): number =>
    view.getUint32(at + high, layout.littleEndian) * 0x1_0000_0000 +
    view.getUint32(at + low, layout.littleEndian);
  const extents: ShardExtent[] = [];
  const end = bytes.length - (layout.checksum ? 4 : 0);
  for (let at = 0, chunk = 0; at < end; at += 16, chunk++) {
    const [offset, length] = [read(at), read(at + 8)];
    // Both 2^64-1: a chunk of the fill value alone, which is not stored. Doubles round it to 2^64.
    if (offset === ABSENT && length === ABSENT) continue;
    extents.push({ chunk, offset, length });
  }
  return extents;
}

const ABSENT = 2 ** 64;

/** The position of a chunk of a shard within it, as in `0, 1, 3`. */
export function describeChunk(chunk: number, { grid }: ShardLayout): string {
  const position: number[] = [];
  let rest = chunk;
  for (const extent of [...grid].reverse()) {
    position.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  return position.join(", ");
}
