import type { JsonObject } from "../json.js";
import type { ArrayDescription } from "../node.js";

/**
 * The `zarr.json` of an array whose chunks become the inner chunks of shards (`sharding_indexed`): the codecs
 * move inside, the index stands at the end and has a checksum.
 *
 * @param document of the unsharded array
 */
export function shardDocument(
  document: JsonObject,
  array: Pick<ArrayDescription, "chunkShape">,
  shardShape: readonly number[],
): JsonObject {
  return {
    ...document,
    chunk_grid: { name: "regular", configuration: { chunk_shape: shardShape } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    codecs: [
      {
        name: "sharding_indexed",
        configuration: {
          chunk_shape: array.chunkShape,
          codecs: document["codecs"],
          index_codecs: [{ name: "bytes", configuration: { endian: "little" } }, { name: "crc32c" }],
          index_location: "end",
        },
      },
    ],
  };
}

/** The `zarr.json` of a sharded array whose inner chunks, encoded with `codecs`, become entries of their own. */
export function unshardedDocument(
  document: JsonObject,
  { chunkShape }: Pick<ArrayDescription, "chunkShape">,
  codecs: readonly JsonObject[],
): JsonObject {
  return {
    ...document,
    chunk_grid: { name: "regular", configuration: { chunk_shape: chunkShape } },
    codecs,
  };
}
