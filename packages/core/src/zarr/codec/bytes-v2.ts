import { isJsonObject, type JsonObject } from "../json.js";
import { type Codec, codecOf } from "./chain.js";

/** The codecs of a Zarr v2 array, taken apart where what they do no longer depends on what elements are. */
export interface BytesOfV2 {
  /** Those that only move bytes, in the order of encoding: a last shuffle, and the compressor. */
  readonly codecs: readonly Codec[];
  /** The filters before them that calculate; none where chunks are bytes behind which elements lie as they are. */
  readonly filters: readonly unknown[];
}

/** Takes the `filters` and the `compressor` of a `.zarray` apart. */
export function bytesOfV2({ filters, compressor }: JsonObject): BytesOfV2 {
  // It has changed the values, and there is nothing to undo.
  const left: unknown[] = Array.isArray(filters)
    ? filters.filter((filter) => idOf(filter) !== "bitround")
    : [];
  const shuffle = idOf(left.at(-1)) === "shuffle" ? [codecOf(left.pop())] : [];
  const compressors = compressor === null || compressor === undefined ? [] : [codecOf(compressor)];
  return { codecs: [...shuffle, ...compressors], filters: left };
}

function idOf(filter: unknown): unknown {
  return isJsonObject(filter) ? filter["id"] : undefined;
}
