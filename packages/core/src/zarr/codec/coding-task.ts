import type { JsonObject } from "../json.js";
import { type Codec, type CodecPlatform, type Deflate, UNKNOWN_SYSTEM } from "./codec.js";
import { decodeBytes } from "./decode-bytes.js";
import { encodeBytes } from "./encode-bytes.js";
import { decodeFilteredChunk } from "./filters-v2.js";

/**
 * What is done to every chunk of an array, in data that another thread can be sent. The elements and their
 * order stay as they are: what makes bytes of them is left alone.
 */
export type CodingTask =
  /** From zlib to gzip without compressing again; of texts it is not known what they decode to. */
  | { readonly kind: "rewrap"; readonly size: number | undefined }
  | {
      readonly kind: "recode";
      readonly from: ChunkSource;
      readonly to: readonly Codec[];
      /** Bytes of a decoded chunk. */
      readonly size: number;
    };

/** How chunks are decoded to the bytes of their elements. */
export type ChunkSource =
  | { readonly kind: "bytes"; readonly codecs: readonly Codec[] }
  /** Of an array of Zarr v2 with filters, by its `.zarray`; the bytes are little-endian then. */
  | { readonly kind: "values"; readonly document: JsonObject };

/** Bytes of the largest chunk of texts. */
const LARGEST = 1024 * 1024 * 1024;

/**
 * Carries a task out on one chunk.
 *
 * @returns the chunk's new bytes, or what is wrong with the old ones as the end of a sentence about it
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

/** Bytes around the deflated data: of zlib (RFC 1950) before and behind, of gzip (RFC 1952) before. */
const [ZLIB_HEADER, ZLIB_TRAILER, GZIP_HEADER] = [2, 4, 10];

/**
 * Puts a chunk that zlib has compressed into the envelope of gzip, which Zarr v3 has a codec for: the deflated
 * data stay as they are. They are inflated all the same, for gzip's checksum is another one.
 *
 * @param size bytes of the decoded chunk
 * @returns the bytes, or what is wrong with the chunk as the end of a sentence about it
 */
export async function rewrapZlib(
  bytes: Uint8Array,
  size: number,
  deflate: Deflate,
): Promise<Uint8Array | string> {
  const inflated = await deflate.inflate(bytes, "deflate", size);
  if (typeof inflated === "string") return inflated;
  // A dictionary that was agreed on beforehand has no place in gzip; `inflate` knows none either.
  const body = bytes.subarray(ZLIB_HEADER, bytes.length - ZLIB_TRAILER);
  const out = new Uint8Array(GZIP_HEADER + body.length + 8);
  out.set([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, UNKNOWN_SYSTEM]);
  out.set(body, GZIP_HEADER);
  const view = new DataView(out.buffer);
  view.setUint32(GZIP_HEADER + body.length, crc32(inflated), true);
  view.setUint32(GZIP_HEADER + body.length + 4, inflated.length, true);
  return out;
}

/** CRC-32 (RFC 1952, 8). */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC32_TABLE[(crc ^ byte) & 0xff] as number);
  return ~crc >>> 0;
}

const CRC32_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc >>> 0;
});
