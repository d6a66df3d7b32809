import type { JsonObject } from "../json.js";
import { crc32 } from "./byte-filters.js";
import { type Codec, type CodecPlatform, type Deflate, UNKNOWN_SYSTEM } from "./codec.js";
import { decodeBytes } from "./decode-bytes.js";
import { encodeBytes } from "./encode-bytes.js";
import { decodeFilteredChunk } from "./filters-v2.js";

/**
 * How every chunk of an array is recoded, as data that another thread can be sent. The elements and their order do not
 * change, nor does the codec that converts them to bytes.
 */
export type CodingTask =
  | {
      /** From zlib to gzip without recompressing. */
      readonly kind: "rewrap";
      /** Bytes of a decoded chunk; undefined for strings, whose length varies. */
      readonly size: number | undefined;
    }
  | {
      /** Decodes, then encodes with other codecs. */
      readonly kind: "recode";
      readonly from: ChunkSource;
      readonly to: readonly Codec[];
      /** Bytes of a decoded chunk. */
      readonly size: number;
    };

/** How chunks are decoded to the bytes of their elements. */
export type ChunkSource =
  /** By bytes-to-bytes codecs, in the order of encoding. */
  | { readonly kind: "bytes"; readonly codecs: readonly Codec[] }
  /** By the codecs and filters of a Zarr v2 `.zarray`; the bytes are little-endian then. */
  | { readonly kind: "values"; readonly document: JsonObject };

/** The largest decoded chunk of strings, in bytes. */
const LARGEST = 1024 * 1024 * 1024;

/**
 * Recodes one chunk.
 *
 * @returns the new bytes, or what is wrong with the old ones, as the end of a sentence about the chunk
 */
export async function runCodingTask(
  task: CodingTask,
  bytes: Uint8Array,
  platform: CodecPlatform,
): Promise<Uint8Array | string> {
  if (task.kind === "rewrap") return rewrapZlib(bytes, task.size ?? LARGEST, platform.deflate);
  const { from, to, size } = task;
  const decoded =
    from.kind === "bytes"
      ? await decodeBytes(from.codecs, bytes, size, platform)
      : await decodeFilteredChunk(from.document, bytes, size, platform);
  return typeof decoded === "string" ? decoded : encodeBytes(to, decoded, platform);
}

/** Bytes around the deflated data: before and after it in zlib (RFC 1950), before it in gzip (RFC 1952). */
const [ZLIB_HEADER, ZLIB_TRAILER, GZIP_HEADER] = [2, 4, 10];

/**
 * Converts a chunk from the zlib to the gzip format, which Zarr v3 has a codec for. The deflated data stay unchanged, but
 * are inflated to compute gzip's checksum.
 *
 * @param size the most bytes that the chunk may decode to
 * @returns the bytes, or what is wrong with the chunk, as the end of a sentence about it
 */
export async function rewrapZlib(
  bytes: Uint8Array,
  size: number,
  deflate: Deflate,
): Promise<Uint8Array | string> {
  const inflated = await deflate.inflate(bytes, "deflate", size);
  if (typeof inflated === "string") return inflated;
  // gzip has no preset dictionaries; `inflate` rejects them already.
  const body = bytes.subarray(ZLIB_HEADER, bytes.length - ZLIB_TRAILER);
  const out = new Uint8Array(GZIP_HEADER + body.length + 8);
  out.set([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, UNKNOWN_SYSTEM]);
  out.set(body, GZIP_HEADER);
  const view = new DataView(out.buffer);
  view.setUint32(GZIP_HEADER + body.length, crc32(inflated), true);
  view.setUint32(GZIP_HEADER + body.length + 4, inflated.length, true);
  return out;
}
