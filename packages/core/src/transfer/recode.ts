import { UnsupportedError } from "../errors.js";
import type { AbsolutePath } from "../store/store.js";
import { joinKey } from "../store/store-keys.js";
import { type Codec, codecOf, splitChain, undecodable } from "../zarr/codec/codec.js";
import { type CodecRequest, requestedCodecs, sameCodecs } from "../zarr/codec/codec-request.js";
import type { ChunkSource, CodingTask } from "../zarr/codec/coding-task.js";
import { itemSizeOf } from "../zarr/data-types.js";
import type { ArrayDescription } from "../zarr/zarr-node.js";

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
  const from = sourceOf(chain.ofBytes, upgrade);
  const [unknown] = from.kind === "bytes" ? undecodable(from.codecs) : [];
  if (unknown !== undefined) throw cannotRecode(place, `its codec ${unknown} cannot be undone here`, unknown);
  const size = array.chunkShape.reduce((product, extent) => product * extent, itemSize);
  return { codecs: [...chain.toBytes, ...to], task: { kind: "recode", from, to, size } };
}

/** How the chunks are stored now, before any upgrade. */
function sourceOf(codecs: readonly Codec[], upgrade: CodingTask | undefined): ChunkSource {
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
