import type { Codecs } from "../../codecs/codecs.js";
import type { DecodedSize } from "../../codecs/size.js";
import type { JsonObject } from "../json.js";
import { adler32, crc32 } from "./checksums.js";
import type { Codec } from "./codec.js";
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
  platform: Codecs,
): Promise<Uint8Array | string> {
  if (task.kind === "rewrap") return rewrapZlib(bytes, task.size ?? { atMost: LARGEST }, platform);
  const { from, to, size } = task;
  const decoded =
    from.kind === "bytes"
      ? decodeBytes(from.codecs, { bytes, size }, platform)
      : await decodeFilteredChunk(from.document, bytes, size, platform);
  return typeof decoded === "string" ? decoded : encodeBytes(to, decoded, platform);
}

/** Bytes around the deflated data: before and after it in zlib (RFC 1950), before it in gzip (RFC 1952). */
const [ZLIB_HEADER, ZLIB_TRAILER, GZIP_HEADER] = [2, 4, 10];
/** Every platform has this level. */
const LEVEL = 6;
const ZLIB: readonly Codec[] = [{ name: "zlib", configuration: {} }];
/** The operating system in a gzip header (RFC 1952, 2.3.1). */
const UNKNOWN_SYSTEM = 255;

/**
 * Converts a chunk from the zlib to the gzip format, which Zarr v3 has a codec for. The deflated data stay unchanged, but
 * are inflated to compute gzip's checksum.
 *
 * @param size the bytes that the chunk decodes to, or the most that it may
 * @returns the bytes, or what is wrong with the chunk, as the end of a sentence about it
 */
export async function rewrapZlib(
  bytes: Uint8Array,
  size: DecodedSize,
  platform: Codecs,
): Promise<Uint8Array | string> {
  const inflated = decodeBytes(ZLIB, { bytes, size }, platform);
  if (typeof inflated === "string") return inflated;
  const isWhole =
    new DataView(bytes.buffer, bytes.byteOffset + bytes.length - ZLIB_TRAILER).getUint32(0) ===
    adler32(inflated);
  // Readers of zlib ignore what follows its data, those of gzip do not.
  if (!isWhole) return platform.gzip.encode(inflated, { level: LEVEL });
  // gzip has no preset dictionaries; the decoder rejects them already.
  const body = bytes.subarray(ZLIB_HEADER, bytes.length - ZLIB_TRAILER);
  const out = new Uint8Array(GZIP_HEADER + body.length + 8);
  out.set([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, UNKNOWN_SYSTEM]);
  out.set(body, GZIP_HEADER);
  const view = new DataView(out.buffer);
  view.setUint32(GZIP_HEADER + body.length, crc32(inflated), true);
  view.setUint32(GZIP_HEADER + body.length + 4, inflated.length, true);
  return out;
}
