import { type AbsolutePath, type ArrayDescription, UnsupportedError, UsageError } from "@ozx/core";
import {
  autoShardShape,
  type ChunkSource,
  type Codec,
  type CodingTask,
  codecOf,
  itemSizeOf,
  joinKey,
  requestedShardShape,
  type ShardRequest,
  splitChain,
  undecodable,
} from "@ozx/core/internal";
import { type CodecRequest, requestedCodecs, sameCodecs } from "./codec-request.js";

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

/** An array with other codecs. */
export interface RecodedArray {
  /** All codecs of its chunks. */
  readonly codecs: readonly Codec[];
  readonly task: CodingTask;
}

/**
 * What has to be done to the chunks of an array so that they are compressed as asked for. What makes bytes of
 * elements (their order, their endianness) stays as it is.
 *
 * @param upgrade what the upgrade of the array has to do, whose result would only be undone again
 * @returns undefined where the array has these codecs already
 * @throws UnsupportedError naming codecs that cannot be undone
 */
export function recodeArray(
  array: ArrayDescription,
  upgrade: CodingTask | undefined,
  request: CodecRequest,
  place: { readonly location: string; readonly path: AbsolutePath },
): RecodedArray | undefined {
  const itemSize = itemSizeOf(array.dtype);
  const chain = splitChain(array.codecs);
  if (itemSize === undefined || chain === undefined) {
    const names = array.codecs.map((codec) => codecOf(codec).name).join(", ");
    throw cannotRecode(place, `it is ${array.dtype} and encoded with ${names}`, names);
  }
  const to = requestedCodecs(request, itemSize);
  if (upgrade === undefined && sameCodecs(chain.ofBytes, to)) return undefined;
  const from = codecsBeforeUpgrade(chain.ofBytes, upgrade);
  const [unknown] = from.kind === "bytes" ? undecodable(from.codecs) : [];
  if (unknown !== undefined) throw cannotRecode(place, `its codec ${unknown} cannot be undone here`, unknown);
  const size = array.chunkShape.reduce((product, extent) => product * extent, itemSize);
  return { codecs: [...chain.toBytes, ...to], task: { kind: "recode", from, to, size } };
}

/** How the chunks are stored now, before any upgrade. */
function codecsBeforeUpgrade(codecs: readonly Codec[], upgrade: CodingTask | undefined): ChunkSource {
  if (upgrade?.kind === "recode") return upgrade.from;
  const zlib = { name: "numcodecs.zlib", configuration: {} };
  return { kind: "bytes", codecs: upgrade?.kind === "rewrap" ? [zlib] : codecs };
}

function cannotRecode(
  { location, path }: { readonly location: string; readonly path: AbsolutePath },
  why: string,
  feature: string,
): UnsupportedError {
  const document = joinKey(path, "zarr.json");
  return new UnsupportedError(
    `${path.slice(1)} in ${location} cannot be encoded anew: ${why}; rewrite that array with zarr-python first, or leave its codec as it is`,
    { location, path: document, feature },
  );
}
