import { joinKey } from "../store/store-keys.js";
import type { GeneratedEntry } from "../store/target.js";
import { assembleShards, type PlacedChunk } from "../zarr/shard/assemble-shards.js";
import { formatChunkKey } from "../zarr/zarr-node.js";
import type { NewArray } from "./new-array.js";

/** Encoded chunks of one array as the entries that they are stored in: each its own, or in shards. */
export interface StoredObjects {
  /** Takes a chunk, undefined where it is not stored, and gives what is complete with it. */
  add(position: readonly number[], bytes: Uint8Array | undefined): GeneratedEntry | undefined;
  /** Shards of which some chunks never came. */
  flush(): Generator<GeneratedEntry>;
}

const KEY = { prefix: "c", separator: "/" } as const;

export function createStoredObjects(array: NewArray): StoredObjects {
  const { path, shape, chunkShape, shardShape } = array;
  if (shardShape === undefined) {
    return {
      add: (position, bytes) => bytes && { key: joinKey(path, formatChunkKey(position, KEY)), bytes },
      *flush() {},
    };
  }
  const open = new Map<string, { missing: number; readonly chunks: PlacedChunk<Uint8Array>[] }>();
  const perShard = shardShape.map((extent, axis) => extent / (chunkShape[axis] ?? 1));
  const chunksIn = (shard: readonly number[]): number =>
    shard.reduce((product, index, axis) => {
      const grid = Math.ceil((shape[axis] ?? 0) / (chunkShape[axis] ?? 1));
      return product * Math.min(perShard[axis] ?? 1, grid - index * (perShard[axis] ?? 1));
    }, 1);
  const close = (chunks: readonly PlacedChunk<Uint8Array>[]): GeneratedEntry | undefined => {
    const [shard] = assembleShards(chunks, array, shardShape);
    if (shard === undefined) return undefined;
    const pieces = [...shard.chunks.map(({ key }) => key), shard.index];
    return { key: joinKey(path, shard.key), bytes: inOrder(pieces) };
  };
  return {
    add(position, bytes) {
      const shard = position.map((index, axis) => Math.floor(index / (perShard[axis] ?? 1)));
      const id = shard.join("/");
      const members = open.get(id) ?? { missing: chunksIn(shard), chunks: [] };
      open.set(id, members);
      if (bytes !== undefined) members.chunks.push({ position, size: bytes.length, key: bytes });
      members.missing--;
      if (members.missing > 0) return undefined;
      open.delete(id);
      return close(members.chunks);
    },
    *flush() {
      for (const [id, { chunks }] of open) {
        open.delete(id);
        const entry = close(chunks);
        if (entry !== undefined) yield entry;
      }
    },
  };
}

async function* inOrder(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}
