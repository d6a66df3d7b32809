import type { NewArray } from "../../create/new-array.js";
import { UsageError } from "../../errors.js";
import type { AbsolutePath } from "../../store/store.js";
import { type Codec, splitChain } from "../../zarr/codec/codec.js";
import { type CodecRequest, requestedCodecs } from "../../zarr/codec/codec-request.js";
import { BLOSC_COMPRESSORS, ENCODABLE } from "../../zarr/codec/encode-bytes.js";
import { itemSizeOf } from "../../zarr/data-types.js";
import { autoShardShape, requestedShardShape, type ShardRequest } from "../../zarr/shard/shard-layout.js";
import type { ArrayDescription } from "../../zarr/zarr-node.js";

/** An array for a level, like the one of the level above where nothing else is asked for. */
export function arrayBelow(
  above: ArrayDescription,
  level: {
    readonly path: AbsolutePath;
    readonly shape: readonly number[];
    readonly names: readonly string[];
    /** About how many bytes a chunk takes. */
    readonly chunkBytes: number;
  },
  { shard, codec }: { readonly shard?: ShardRequest | undefined; readonly codec?: CodecRequest | undefined },
): NewArray {
  const { path, shape, names } = level;
  const chunkShape = above.chunkShape.map((extent, axis) => Math.min(extent, Math.max(1, shape[axis] ?? 1)));
  const array = { shape, chunkShape };
  let shardShape: readonly number[] | undefined;
  if (shard === "auto") shardShape = autoShardShape(array, level.chunkBytes);
  else if (shard !== "none" && (shard !== undefined || above.shardShape !== undefined)) {
    const wanted =
      shard ?? Object.fromEntries(names.map((name, axis) => [name, above.shardShape?.[axis] ?? 1]));
    const found = requestedShardShape(array, names, wanted);
    if ("axis" in found) {
      throw new UsageError(
        `shards of ${found.axis}=${wanted[found.axis]} do not fit the new level ${path.slice(1)}, whose chunks have ${found.chunk} along ${found.axis}: ask for a multiple of ${found.chunk}`,
      );
    }
    shardShape = found;
  }
  const isOneChunk = shardShape?.every((extent, axis) => extent === chunkShape[axis]) ?? true;
  const itemSize = itemSizeOf(above.dtype) ?? 1;
  return {
    path,
    shape,
    chunkShape,
    shardShape: isOneChunk ? undefined : shardShape,
    dtype: above.dtype,
    codecs: codec === undefined ? codecsLike(above, itemSize) : requestedCodecs(codec, itemSize),
    dimensionNames: names,
  };
}

/** The codecs of the level above where they can be written, otherwise zstd. */
function codecsLike({ codecs }: ArrayDescription, itemSize: number): readonly Codec[] {
  const { ofBytes } = splitChain(codecs) ?? {};
  if (ofBytes?.every(isEncodable)) {
    return ofBytes.map(({ name, configuration }) => ({
      name,
      configuration: { ...DEFAULTS[name], ...configuration },
    }));
  }
  return requestedCodecs({ name: "zstd" }, itemSize);
}

function isEncodable({ name, configuration }: Codec): boolean {
  const written: readonly unknown[] = BLOSC_COMPRESSORS;
  return ENCODABLE.has(name) && (name !== "blosc" || written.includes(configuration["cname"]));
}

/** Members that a document may leave out. */
const DEFAULTS: Readonly<Record<string, Codec["configuration"]>> = {
  gzip: { level: 6 },
  zstd: { level: 5 },
  blosc: { clevel: 5, shuffle: "noshuffle", typesize: 1 },
};
