import type { ArrayDescription, JsonObject } from "@ozx/core";
import { encodeShardIndex, formatChunkKey, type ShardSlot, shardIndexSize } from "@ozx/core/internal";

/** An encoded chunk of an unsharded array: its position in the grid and its stored size. */
export interface PlacedChunk<Key> {
  readonly position: readonly number[];
  readonly size: number;
  readonly key: Key;
}

/** A shard to be put together: its key below the array, the chunks one after the other, then the index. */
export interface AssembledShard<Key> {
  readonly key: string;
  readonly chunks: readonly PlacedChunk<Key>[];
  readonly index: Uint8Array;
  /** Bytes of the whole shard. */
  readonly size: number;
}

/**
 * Puts encoded chunks into shards, byte for byte: which chunks each shard holds, in C order, and its index.
 * Missing chunks stay missing, and so do shards without any.
 */
export function assembleShards<Key>(
  chunks: Iterable<PlacedChunk<Key>>,
  { chunkShape }: Pick<ArrayDescription, "chunkShape">,
  shardShape: readonly number[],
): AssembledShard<Key>[] {
  const perShard = shardShape.map((extent, axis) => extent / (chunkShape[axis] as number));
  const slots = perShard.reduce((product, extent) => product * extent, 1);
  const shards = new Map<string, Map<number, PlacedChunk<Key>>>();
  for (const chunk of chunks) {
    const shard = chunk.position.map((index, axis) => Math.floor(index / (perShard[axis] as number)));
    const slot = chunk.position.reduce(
      (sum, index, axis) => sum * (perShard[axis] as number) + (index % (perShard[axis] as number)),
      0,
    );
    const key = formatChunkKey(shard, { prefix: "c", separator: "/" });
    const members = shards.get(key) ?? new Map<number, PlacedChunk<Key>>();
    shards.set(key, members.set(slot, chunk));
  }
  return [...shards].map(([key, members]) => assemble(key, members, slots));
}

function assemble<Key>(
  key: string,
  members: ReadonlyMap<number, PlacedChunk<Key>>,
  count: number,
): AssembledShard<Key> {
  const slots = new Array<ShardSlot>(count).fill(undefined);
  const chunks: PlacedChunk<Key>[] = [];
  let offset = 0;
  for (const slot of [...members.keys()].sort((a, b) => a - b)) {
    const chunk = members.get(slot) as PlacedChunk<Key>;
    slots[slot] = { offset, length: chunk.size };
    chunks.push(chunk);
    offset += chunk.size;
  }
  return { key, chunks, index: encodeShardIndex(slots), size: offset + shardIndexSize(count) };
}

/**
 * The `zarr.json` of an array whose chunks become the inner chunks of shards (`sharding_indexed`): the codecs
 * move inside, the index stands at the end and has a checksum.
 *
 * @param document of the unsharded array
 */
export function shardDocument(
  document: JsonObject,
  array: Pick<ArrayDescription, "chunkShape">,
  shardShape: readonly number[],
): JsonObject {
  return {
    ...document,
    chunk_grid: { name: "regular", configuration: { chunk_shape: shardShape } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    codecs: [
      {
        name: "sharding_indexed",
        configuration: {
          chunk_shape: array.chunkShape,
          codecs: document["codecs"],
          index_codecs: [{ name: "bytes", configuration: { endian: "little" } }, { name: "crc32c" }],
          index_location: "end",
        },
      },
    ],
  };
}

/** The `zarr.json` of a sharded array whose inner chunks, encoded with `codecs`, become entries of their own. */
export function unshardedDocument(
  document: JsonObject,
  { chunkShape }: Pick<ArrayDescription, "chunkShape">,
  codecs: readonly JsonObject[],
): JsonObject {
  return {
    ...document,
    chunk_grid: { name: "regular", configuration: { chunk_shape: chunkShape } },
    codecs,
  };
}
