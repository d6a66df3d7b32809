import type { JsonObject } from "../json.js";
import type { Codec } from "./chain.js";
import { decodeBytes } from "./decode-bytes.js";
import { encodeBytes } from "./encode-bytes.js";
import type { CodecPlatform } from "./platform.js";
import { rewrapZlib } from "./rewrap.js";
import { decodeValues } from "./values-v2.js";

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
      : await decodeValues(from.document, bytes, size, platform);
  return typeof decoded === "string" ? decoded : encodeBytes(to, decoded, platform);
}
