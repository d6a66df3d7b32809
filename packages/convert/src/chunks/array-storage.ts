import { type AbsolutePath, type ArrayDescription, UnsupportedError, UsageError } from "@ozx/core";
import {
  autoShardShape,
  type ChunkSource,
  type Codec,
  type CodingTask,
  codecOf,
  countElements,
  gridShape,
  isSharding,
  itemSizeOf,
  joinKey,
  requestedShardShape,
  type ShardRequest,
  splitChain,
  undecodable,
} from "@ozx/core/internal";
import { axisNamed, byAxisNames } from "./axis-named.js";
import {
  type CodecRequest,
  codecsInShard,
  codecsToEncode,
  requestedCodecs,
  sameCodecs,
  withoutChecksum,
} from "./codec-request.js";

/** The most chunks in a shard: its index, 16 bytes per chunk, is in memory while the shard is written. */
const MOST_CHUNKS = 4 * 1024 * 1024;

/** An array and the store that it is in, for messages. */
interface ArrayLocation {
  readonly location: string;
  readonly path: AbsolutePath;
}

/**
 * The shape of the requested shards. Undefined if no shards are requested, and for an unsharded array whose shards would
 * have one chunk each.
 *
 * @param stored the stored chunks (or shards) of the array
 * @throws UsageError if a requested size is not a whole number of chunks, or a shard would have too many
 */
export function shardShapeFor(
  array: ArrayDescription,
  stored: readonly { readonly size: number }[],
  request: ShardRequest,
  where: ArrayLocation,
): readonly number[] | undefined {
  if (request === "none") return undefined;
  const shape = request === "auto" ? autoShape(array, stored) : requestedShape(array, request, where);
  const isChunk = shape.every((extent, axis) => extent === array.chunkShape[axis]);
  return isChunk && array.shardShape === undefined ? undefined : shape;
}

/**
 * Checks that at least one of the arrays has each axis for which a shard size is requested.
 *
 * @throws UsageError naming the axis
 */
export function refuseUnknownAxes(
  arrays: Iterable<ArrayDescription>,
  request: ShardRequest,
  location: string,
): void {
  if (request === "auto" || request === "none") return;
  const axes = new Set([...arrays].flatMap(({ dimensionNames }) => dimensionNames ?? []));
  const names = [...axes].filter((name) => name !== null);
  const unknown = Object.keys(request).find((name) => !axes.has(axisNamed(name, names)));
  if (unknown === undefined) return;
  const known =
    axes.size === 0 ? "its arrays do not name their axes" : `its axes are ${[...axes].join(", ")}`;
  throw new UsageError(`${location} has no axis ${unknown}; ${known}`);
}

function autoShape(array: ArrayDescription, stored: readonly { readonly size: number }[]): readonly number[] {
  const bytes = stored.reduce((sum, { size }) => sum + size, 0);
  return autoShardShape(array, bytes / Math.max(1, stored.length * chunksPerObject(array)));
}

/** The number of chunks in a stored object: 1, or for a shard as many as lie in the array. */
function chunksPerObject({ shape, chunkShape, shardShape }: ArrayDescription): number {
  if (shardShape === undefined) return 1;
  return shardShape.reduce((product, extent, axis) => {
    const needed = Math.min(extent, shape[axis] as number);
    return product * Math.max(1, Math.ceil(needed / (chunkShape[axis] as number)));
  }, 1);
}

function requestedShape(
  array: ArrayDescription,
  asked: Exclude<ShardRequest, "auto" | "none">,
  { location, path }: ArrayLocation,
): readonly number[] {
  const axes = (array.dimensionNames ?? []).map((name) => name ?? "");
  const request = byAxisNames(asked, axes);
  const shape = requestedShardShape(array, axes, request);
  if ("axis" in shape) {
    const { axis, chunk } = shape;
    throw new UsageError(
      `shards of ${axis}=${request[axis]} do not fit ${path.slice(1)} in ${location}, whose chunks have ${chunk} along ${axis}: ask for a multiple of ${chunk}`,
    );
  }
  const chunks = countElements(gridShape(shape, array.chunkShape));
  if (chunks <= MOST_CHUNKS) return shape;
  throw new UsageError(
    `shards of ${shape.join(" × ")} would have ${chunks} chunks each of ${path.slice(1)} in ${location}: ask for at most ${MOST_CHUNKS} chunks in a shard`,
  );
}

/** An array with another compression. */
interface RecodedArray {
  /** All codecs of the array. */
  readonly codecs: readonly Codec[];
  /** How its chunks are converted to them. */
  readonly task: CodingTask;
}

/**
 * Plans how the chunks of an array are compressed with another codec. The order and the endianness of their elements do
 * not change.
 *
 * @param request.isSharded whether the chunks go into shards
 * @param upgrade how the upgrade to Zarr v3 would convert the chunks; the new task replaces it
 * @returns undefined if the array has these codecs already
 * @throws UnsupportedError naming codecs that cannot be decoded
 */
export function recodeArray(
  array: ArrayDescription,
  upgrade: CodingTask | undefined,
  { codec, isSharded }: { readonly codec: CodecRequest; readonly isSharded: boolean },
  where: ArrayLocation,
): RecodedArray | undefined {
  const itemSize = itemSizeOf(array.dtype);
  const chain = splitChain(array.codecs);
  if (array.codecs.some(isSharding)) {
    const why = "its chunks are in shards of shards, which --shard none takes them out of";
    throw cannotRecode(where, why, "sharding_indexed");
  }
  if (itemSize === undefined || chain === undefined) {
    const names = array.codecs.map((codec) => codecOf(codec).name).join(", ");
    throw cannotRecode(where, `it is ${array.dtype} and encoded with ${names}`, names);
  }
  const requested = requestedCodecs(codec, itemSize);
  const to = isSharded ? codecsInShard(requested) : requested;
  if (upgrade === undefined && sameCodecs(chain.ofBytes, to)) return undefined;
  const from = codecsBeforeUpgrade(chain.ofBytes, upgrade);
  const [unknown] = from.kind === "bytes" ? undecodable(from.codecs) : [];
  if (unknown !== undefined)
    throw cannotRecode(where, `its codec ${unknown} cannot be decoded here`, unknown);
  const size = countElements(array.chunkShape) * itemSize;
  return { codecs: [...chain.toBytes, ...to], task: { kind: "recode", from, to, size } };
}

/**
 * Plans how the chunks of an array lose their `crc32c`, which Zarr v2 has no codec for.
 *
 * @returns undefined if they have none, or cannot be encoded again
 */
export function dropChecksum(array: ArrayDescription): RecodedArray | undefined {
  const itemSize = itemSizeOf(array.dtype);
  const chain = splitChain(array.codecs);
  if (itemSize === undefined || chain === undefined) return undefined;
  const kept = withoutChecksum(chain.ofBytes);
  const to = kept.length < chain.ofBytes.length ? codecsToEncode(kept) : undefined;
  if (to === undefined) return undefined;
  const from: ChunkSource = { kind: "bytes", codecs: chain.ofBytes };
  const size = countElements(array.chunkShape) * itemSize;
  return { codecs: [...chain.toBytes, ...to], task: { kind: "recode", from, to, size } };
}

/** How chunks that are not compressed yet are encoded. */
export function encodingTask({ chunkShape, dtype }: ArrayDescription, to: readonly Codec[]): CodingTask {
  const size = countElements(chunkShape) * (itemSizeOf(dtype) ?? 1);
  return { kind: "recode", from: { kind: "bytes", codecs: [] }, to, size };
}

/** How the chunks are encoded in the source, before any upgrade. */
function codecsBeforeUpgrade(codecs: readonly Codec[], upgrade: CodingTask | undefined): ChunkSource {
  if (upgrade?.kind === "recode") return upgrade.from;
  const zlib = { name: "numcodecs.zlib", configuration: {} };
  return { kind: "bytes", codecs: upgrade?.kind === "rewrap" ? [zlib] : codecs };
}

function cannotRecode({ location, path }: ArrayLocation, why: string, feature: string): UnsupportedError {
  const document = joinKey(path, "zarr.json");
  return new UnsupportedError(
    `${path.slice(1)} in ${location} cannot be re-encoded: ${why}; rewrite that array with zarr-python first, or leave its codec as it is`,
    { location, path: document, feature },
  );
}
