import {
  type AbsolutePath,
  type ArrayDescription,
  CorruptDataError,
  type JsonObject,
  type Store,
} from "@ozx/core";
import {
  chainFault,
  chainOf,
  formatChunkKey,
  innermostChunks,
  isSharding,
  itemSizeOf,
  joinKey,
  loadCodecs,
  nameBelow,
  type ProduceOptions,
  parseChunkKey,
  takeChunks,
} from "@ozx/core/internal";
import type { ArrayRewrite, NestedShards } from "./array-rewrite.js";
import { positionInGrid } from "./assemble-shards.js";
import { contentKey, isInArray, readExtent, type UnshardedChunk } from "./encoded-chunks.js";

/** An array whose innermost chunks can leave their shards. */
export interface NestedArray {
  /** With the shape and codecs of the innermost chunks. */
  readonly array: ArrayDescription;
  readonly shards: NestedShards;
}

/**
 * An array of shards in shards, or with codecs around shards, as one of its innermost chunks. Undefined for all other
 * arrays.
 *
 * @returns why its chunks cannot be taken out, as a clause about its shards
 */
export function nestedArray(document: JsonObject, array: ArrayDescription): NestedArray | string | undefined {
  const { shardShape, dtype } = array;
  const codecs = chainOf(document);
  if (shardShape === undefined || (codecs.length === 1 && !array.codecs.some(isSharding))) return undefined;
  const fault = chainFault(codecs, shardShape, itemSizeOf(dtype) ?? 1);
  if (fault !== undefined) return `${fault} is not supported`;
  const innermost = innermostChunks(codecs);
  if (typeof innermost === "string") return innermost;
  const { chunkShape } = innermost;
  const grid = shardShape.map((extent, axis) => extent / (chunkShape[axis] ?? 1));
  return { array: { ...array, ...innermost }, shards: { codecs, shape: shardShape, grid } };
}

/**
 * Reads the innermost chunks of shards without decoding them: shard by shard, each of which is in memory as a whole.
 * Chunks that a shard holds beyond the array's end are left out.
 *
 * @param options what an earlier run has written is left out
 * @throws CorruptDataError naming a shard that cannot be taken apart
 */
export async function* unnestChunks(
  source: Store,
  { path, array, stored }: ArrayRewrite,
  nested: NestedShards,
  options?: ProduceOptions,
): AsyncGenerator<UnshardedChunk> {
  const platform = await loadCodecs();
  const after = options?.after;
  const last = after && parseChunkKey(nameBelow(path, after), array);
  const lastShard = last && positionInGrid(last, nested.grid).join();
  const first = last ? stored.findIndex(({ position }) => position.join() === lastShard) : 0;
  let isWritten = last !== undefined;
  for (const { position, key: shard } of stored.slice(first)) {
    const bytes = await readExtent(source, { entry: shard, key: contentKey(shard) }, options);
    const chunks = takeChunks(nested.codecs, nested.shape, bytes, platform);
    if (typeof chunks === "string") throw damaged(source, shard.key, chunks);
    for (const { origin, bytes: chunk } of chunks) {
      const at = origin.map(
        (element, axis) =>
          (element + (position[axis] ?? 0) * (nested.shape[axis] ?? 1)) / (array.chunkShape[axis] ?? 1),
      );
      if (!isInArray(at, array)) continue;
      const key = joinKey(path, formatChunkKey(at, array.chunkKey));
      if (isWritten) isWritten = key !== after;
      else yield { key, bytes: chunk, shard };
    }
  }
}

function damaged({ name }: Store, key: AbsolutePath, what: string): CorruptDataError {
  return new CorruptDataError(`${key.slice(1)} in ${name} is damaged: it ${what}`, {
    location: name,
    path: key,
  });
}
