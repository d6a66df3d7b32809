import { UsageError } from "../errors.js";
import type { AbsolutePath } from "../store/store.js";
import { autoShardShape, requestedShardShape, type ShardRequest } from "../zarr/shard/shard-layout.js";
import type { ArrayDescription } from "../zarr/zarr-node.js";

/** Chunks in a shard at most: its index, of 16 bytes each, is in memory while it is made. */
const MOST_CHUNKS = 4 * 1024 * 1024;

/**
 * The shape of the shards that a request asks for; undefined where it asks for none, and for an array that is not
 * sharded and has no more than one chunk, which stays as it is.
 *
 * @throws UsageError when a size asked for is no whole number of chunks, or that are too many
 */
export function shardShapeFor(
  path: AbsolutePath,
  array: ArrayDescription,
  stored: readonly { readonly size: number }[],
  request: ShardRequest,
  location: string,
): readonly number[] | undefined {
  if (request === "none") return undefined;
  const shape = request === "auto" ? autoShape(array, stored) : requested(path, array, request, location);
  const isChunk = shape.every((extent, axis) => extent === array.chunkShape[axis]);
  return isChunk && array.shardShape === undefined ? undefined : shape;
}

/**
 * @throws UsageError when sizes are asked for along an axis that none of the arrays has
 */
export function refuseUnknownAxes(
  arrays: Iterable<ArrayDescription>,
  request: ShardRequest,
  location: string,
): void {
  if (request === "auto" || request === "none") return;
  const axes = new Set([...arrays].flatMap(({ dimensionNames }) => dimensionNames ?? []));
  const unknown = Object.keys(request).find((name) => !axes.has(name));
  if (unknown === undefined) return;
  const known =
    axes.size === 0 ? "its arrays do not name their axes" : `its axes are ${[...axes].join(", ")}`;
  throw new UsageError(`${location} has no axis ${unknown}; ${known}`);
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
  request: Exclude<ShardRequest, "auto" | "none">,
  location: string,
): readonly number[] {
  const axes = (array.dimensionNames ?? []).map((name) => name ?? "");
  const shape = requestedShardShape(array, axes, request);
  if (!("axis" in shape)) {
    const chunks = shape.reduce(
      (product, extent, axis) => product * (extent / (array.chunkShape[axis] as number)),
      1,
    );
    if (chunks <= MOST_CHUNKS) return shape;
    throw new UsageError(
      `shards of ${shape.join(" × ")} would have room for ${chunks} chunks each of ${path.slice(1)} in ${location}: ask for at most ${MOST_CHUNKS} chunks in a shard`,
    );
  }
  throw new UsageError(
    `shards of ${shape.axis}=${request[shape.axis]} do not fit ${path.slice(1)} in ${location}, whose chunks have ${shape.chunk} along ${shape.axis}: ask for a multiple of ${shape.chunk}`,
  );
}
