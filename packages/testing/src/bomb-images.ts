import { deflateSync, gzipSync } from "node:zlib";
import type { AbsolutePath, JsonObject } from "@ozx/core";
import { encodeShardIndex, loadCodecs } from "@ozx/core/internal";
import { encodeJson, imageMetadata, smallImage } from "./small-image.js";

/** The rows and columns of an image of bytes that is one chunk. */
export const BOMB_EXTENT = 512;
const EXTENT = BOMB_EXTENT;
const BYTES = { name: "bytes" };
const GZIP_CODEC = { name: "gzip", configuration: { level: 1 } };
const v3 = (name: string, configuration: JsonObject = {}): JsonObject[] => [BYTES, { name, configuration }];
const BLOSC_V3 = v3("blosc", { cname: "zstd", clevel: 1, shuffle: "noshuffle", typesize: 1, blocksize: 0 });

function imageV3(document: JsonObject, chunk: Uint8Array): Map<AbsolutePath, Uint8Array> {
  const array = { shape: [EXTENT, EXTENT], dataType: "uint8", document } as const;
  return smallImage({ "/": imageMetadata("yx") }, { "/0": array }).set("/0/c/0/0", chunk);
}

function imageV2(array: JsonObject, chunk: Uint8Array): Map<AbsolutePath, Uint8Array> {
  const { multiscales } = imageMetadata("yx");
  const document = {
    ...{ zarr_format: 2, shape: [EXTENT, EXTENT], chunks: [EXTENT, EXTENT], dtype: "|u1", fill_value: 0 },
    ...{ order: "C", filters: null, dimension_separator: "/", ...array },
  };
  return new Map<AbsolutePath, Uint8Array>([
    ["/.zgroup", encodeJson({ zarr_format: 2 })],
    ["/.zattrs", encodeJson({ multiscales: [{ ...(multiscales as JsonObject[])[0], version: "0.4" }] })],
    ["/0/.zarray", encodeJson(document)],
    ["/0/0/0", chunk],
  ]);
}

/** A shard of one chunk, with the index at its end. */
function shardOf(inner: readonly JsonObject[], index: readonly JsonObject[] = []): JsonObject {
  return {
    name: "sharding_indexed",
    configuration: {
      chunk_shape: [EXTENT, EXTENT],
      codecs: inner,
      index_codecs: [{ name: "bytes", configuration: { endian: "little" } }, ...index, { name: "crc32c" }],
      index_location: "end",
    },
  };
}

function shardWith(chunk: Uint8Array): Uint8Array {
  const index = encodeShardIndex([{ offset: 0, length: chunk.length }]);
  return new Uint8Array([...chunk, ...index]);
}

/**
 * Images of one chunk that decodes to 160 MB of zeros in place of its 256 kB, in every codec, in shards, around them and in
 * their indexes, by what they are.
 */
export async function bombImages(): Promise<readonly (readonly [string, Map<AbsolutePath, Uint8Array>])[]> {
  const codecs = await loadCodecs();
  const zeros = new Uint8Array(160 * 1024 * 1024);
  const GZIP = new Uint8Array(gzipSync(zeros));
  const ZLIB = new Uint8Array(deflateSync(zeros));
  const ZSTD = await codecs.zstd.encode(zeros, { level: 1 });
  const BLOSC = await codecs.blosc.encode(zeros, {
    cname: "zstd",
    clevel: 1,
    shuffle: "noshuffle",
    typesize: 1,
    blocksize: 0,
  });
  const LZ4 = await codecs.lz4.encode(zeros, {});
  return [
    ["gzip", imageV3({ codecs: v3("gzip", { level: 1 }) }, GZIP)],
    ["zstd", imageV3({ codecs: v3("zstd", { level: 1, checksum: false }) }, ZSTD)],
    ["blosc", imageV3({ codecs: BLOSC_V3 }, BLOSC)],
    ["zstd in zstd", imageV3({ codecs: [...v3("zstd"), { name: "zstd" }] }, ZSTD)],
    ["gzip in a shard", imageV3({ codecs: [shardOf(v3("gzip", { level: 1 }))] }, shardWith(GZIP))],
    [
      "gzip around a shard",
      imageV3({ codecs: [shardOf([BYTES]), { name: "gzip", configuration: { level: 1 } }] }, GZIP),
    ],
    [
      "zstd in a shard in a shard",
      imageV3({ codecs: [shardOf([shardOf(v3("zstd"))])] }, shardWith(shardWith(ZSTD))),
    ],
    ["v2 zlib", imageV2({ compressor: { id: "zlib", level: 1 } }, ZLIB)],
    ["v2 gzip", imageV2({ compressor: { id: "gzip", level: 1 } }, GZIP)],
    ["v2 zstd", imageV2({ compressor: { id: "zstd", level: 1 } }, ZSTD)],
    ["v2 lz4", imageV2({ compressor: { id: "lz4", acceleration: 1 } }, LZ4)],
    ["v2 blosc", imageV2({ compressor: { id: "blosc", cname: "zstd", clevel: 1, shuffle: 0 } }, BLOSC)],
    [
      "v2 zlib behind a filter",
      imageV2({ compressor: { id: "zlib", level: 1 }, filters: [{ id: "delta", dtype: "|u1" }] }, ZLIB),
    ],
    ["v2 zlib as a filter", imageV2({ compressor: null, filters: [{ id: "zlib", level: 1 }] }, ZLIB)],
    ["gzip in the index of a shard", imageV3({ codecs: [shardOf([BYTES], [GZIP_CODEC])] }, GZIP)],
    ["zstd in the index of a shard", imageV3({ codecs: [shardOf([BYTES], [{ name: "zstd" }])] }, ZSTD)],
    ["blosc in the index of a shard", imageV3({ codecs: [shardOf([BYTES], BLOSC_V3.slice(1))] }, BLOSC)],
  ];
}
