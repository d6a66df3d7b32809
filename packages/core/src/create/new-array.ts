import type { AbsolutePath } from "../store/store.js";
import { joinKey } from "../store/store-keys.js";
import type { GeneratedEntry } from "../store/target.js";
import type { Codec } from "../zarr/codec/codec.js";
import { type JsonObject, stringifyJson } from "../zarr/json.js";
import { shardDocument } from "../zarr/shard/assemble-shards.js";

/** An array of Zarr v3 that is to be written. What is not written in it is 0. */
export interface NewArray {
  readonly path: AbsolutePath;
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  /** Whole chunks; undefined where each chunk is an entry. */
  readonly shardShape: readonly number[] | undefined;
  /** By its Zarr v3 name. */
  readonly dtype: string;
  /** What chunks are compressed with, behind the codec `bytes`. */
  readonly codecs: readonly Codec[];
  readonly dimensionNames: readonly string[];
}

/** The `zarr.json` of an array. */
export function newArrayDocument(array: NewArray): JsonObject {
  const document = {
    zarr_format: 3,
    node_type: "array",
    shape: array.shape,
    data_type: array.dtype,
    chunk_grid: { name: "regular", configuration: { chunk_shape: array.chunkShape } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: array.dtype === "bool" ? false : 0,
    codecs: [{ name: "bytes", configuration: { endian: "little" } }, ...array.codecs],
    dimension_names: array.dimensionNames,
    attributes: {},
  };
  return array.shardShape === undefined ? document : shardDocument(document, array, array.shardShape);
}

/** The entry of a node's `zarr.json`. */
export function documentEntry(
  path: AbsolutePath,
  document: JsonObject,
): GeneratedEntry & { readonly bytes: Uint8Array } {
  return { key: joinKey(path, "zarr.json"), bytes: stringifyJson(document) };
}

/** How many chunks, or shards, an array has. */
export function objectsOf({ shape, chunkShape, shardShape = chunkShape }: NewArray): number {
  return shape.reduce((product, extent, axis) => product * Math.ceil(extent / (shardShape[axis] ?? 1)), 1);
}
