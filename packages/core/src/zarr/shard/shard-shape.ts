import type { ArrayDescription } from "../node.js";

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
