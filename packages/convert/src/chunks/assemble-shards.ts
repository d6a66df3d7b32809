import type { ArrayDescription, JsonObject } from "@ozx/core";
import {
  countElements,
  encodeShardIndex,
  formatChunkKey,
  gridShape,
  numberInShard,
  type ShardSlot,
  shardIndexSize,
} from "@ozx/core/internal";

/** An encoded chunk (or shard) of an array. */
export interface PlacedChunk<Key> {
  /** Its position in the grid of chunks (or shards). */
  readonly position: readonly number[];
  /** Its stored size in bytes. */
  readonly size: number;
  /** What identifies it for the caller: an entry, or its bytes. */
  readonly key: Key;
}

/** A shard as its parts: the chunks one after the other, then the index. */
interface AssembledShard<Key> {
  /** Relative to the array's path. */
  readonly key: string;
  readonly chunks: readonly PlacedChunk<Key>[];
  readonly index: Uint8Array;
  /** Bytes of the whole shard. */
  readonly size: number;
}

/** Groups encoded chunks into shards. */
interface ShardAssembler<Key> {
  add(chunk: PlacedChunk<Key>): void;
  /** The shards of the added chunks, in each of which they are in C order. A shard without any chunk is left out. */
  shards(): Iterable<AssembledShard<Key>>;
}

/** Groups encoded chunks into shards, and creates their indexes. */
export function shardAssembler<Key>(
  { chunkShape }: Pick<ArrayDescription, "chunkShape">,
  shardShape: readonly number[],
): ShardAssembler<Key> {
  const perShard = gridShape(shardShape, chunkShape);
  const slots = countElements(perShard);
  const shards = new Map<string, Map<number, PlacedChunk<Key>>>();
  return {
    add(chunk) {
      const slot = numberInShard(chunk.position, { grid: perShard });
      const key = formatChunkKey(positionInGrid(chunk.position, perShard), { prefix: "c", separator: "/" });
      const members = shards.get(key) ?? new Map<number, PlacedChunk<Key>>();
      shards.set(key, members.set(slot, chunk));
    },
    *shards() {
      for (const [key, members] of shards) yield assemble(key, members, slots);
    },
  };
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

/** The position of the shard of `perShard` chunks along each axis that a chunk is in. */
export function positionInGrid(chunk: readonly number[], perShard: readonly number[]): number[] {
  return chunk.map((at, axis) => Math.floor(at / (perShard[axis] as number)));
}

/**
 * The `zarr.json` of an array whose chunks become the inner chunks of shards (`sharding_indexed`), with the index and
 * its checksum at the end.
 *
 * @param document of the unsharded array; its codecs become those of the inner chunks
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

/** The `zarr.json` of a sharded array whose inner chunks, encoded with `codecs`, become separate entries. */
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
