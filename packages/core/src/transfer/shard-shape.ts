import { UsageError } from "../errors.js";
import type { AbsolutePath } from "../store/store.js";
import type { ArrayDescription } from "../zarr/node.js";
import { autoShardShape, requestedShardShape, type ShardRequest } from "../zarr/shard/shard-shape.js";

/**
 * The shape of the shards that a request asks for; undefined for an array that is not sharded and has no more
 * than one chunk, which stays as it is.
 *
 * @throws UsageError when a size asked for is no whole number of chunks
 */
export function shardShapeFor(
  path: AbsolutePath,
  array: ArrayDescription,
  stored: readonly { readonly size: number }[],
  request: ShardRequest,
  location: string,
): readonly number[] | undefined {
  const shape = request === "auto" ? autoShape(array, stored) : requested(path, array, request, location);
  const isChunk = shape.every((extent, axis) => extent === array.chunkShape[axis]);
  return isChunk && array.shardShape === undefined ? undefined : shape;
}

function autoShape(array: ArrayDescription, stored: readonly { readonly size: number }[]): readonly number[] {
  const bytes = stored.reduce((sum, { size }) => sum + size, 0);
  return autoShardShape(array, bytes / Math.max(1, stored.length * chunksPerObject(array)));
}

/** Of a shard, as many as there is room for in the array. */
function chunksPerObject({ shape, chunkShape, shardShape }: ArrayDescription): number {
  if (shardShape === undefined) return 1;
  return shardShape.reduce((product, extent, axis) => {
    const needed = Math.min(extent, shape[axis] as number);
    return product * Math.max(1, Math.ceil(needed / (chunkShape[axis] as number)));
  }, 1);
}

function requested(
  path: AbsolutePath,
  array: ArrayDescription,
  request: Exclude<ShardRequest, "auto">,
  location: string,
): readonly number[] {
  const axes = (array.dimensionNames ?? []).map((name) => name ?? "");
  const shape = requestedShardShape(array, axes, request);
  if (!("axis" in shape)) return shape;
  throw new UsageError(
    `shards of ${shape.axis}=${request[shape.axis]} do not fit ${path.slice(1)} in ${location}, whose chunks have ${shape.chunk} along ${shape.axis}: ask for a multiple of ${shape.chunk}`,
  );
}
