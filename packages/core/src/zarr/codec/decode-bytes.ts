import { reasonOf } from "../../errors.js";
import { crc32cFault, unshuffleBytes } from "./byte-filters.js";
import { type Codec, type CodecPlatform, plainName } from "./codec.js";

/**
 * Decodes bytes-to-bytes codecs. A chunk that would decode to too many bytes is rejected beforehand, where its format
 * says how many.
 *
 * @param codecs in the order of encoding, all of them in `DECODABLE`
 * @param size the bytes of the decoded chunk
 * @returns the bytes, or what is wrong, as the end of a sentence about the chunk
 */
export async function decodeBytes(
  codecs: readonly Codec[],
  bytes: Uint8Array,
  size: number,
  platform: CodecPlatform,
): Promise<Uint8Array | string> {
  let decoded = bytes;
  for (let k = codecs.length - 1; k >= 0; k--) {
    // Encoded bytes may be a little longer than those that they decode to.
    const limit = k === 0 ? size : size + k * (64 + Math.ceil(size / 64));
    const result = await decodeOne(codecs[k] as Codec, decoded, { limit, exact: k === 0 }, platform);
    if (typeof result === "string") return result;
    decoded = result;
  }
  return decoded.length === size ? decoded : wrongSize(decoded.length, size, "bytes");
}

/** The fault of a chunk that decodes to the wrong number of bytes or elements, as the end of a sentence about it. */
export function wrongSize(found: number, expected: number, what: string): string {
  return `decodes to ${found} and not to ${expected} ${what}`;
}

/** Decodes one codec. The result must have at most `limit` bytes, or exactly that many. */
async function decodeOne(
  codec: Codec,
  bytes: Uint8Array,
  { limit, exact }: { readonly limit: number; readonly exact: boolean },
  platform: CodecPlatform,
): Promise<Uint8Array | string> {
  const name = plainName(codec.name);
  const { configuration } = codec;
  switch (name) {
    case "gzip":
      return platform.deflate.inflate(bytes, "gzip", limit);
    case "zlib":
      return platform.deflate.inflate(bytes, "deflate", limit);
    case "crc32c":
      return crc32cFault(bytes) ?? bytes.subarray(0, bytes.length - 4);
    case "shuffle":
      return unshuffle(bytes, configuration["elementsize"] ?? SHUFFLED_BY_DEFAULT);
    default: {
      const truncated = truncationReason(name, bytes);
      if (truncated !== undefined) return truncated;
      const claimed = claimedSize(name, bytes);
      if (claimed !== undefined && (exact ? claimed !== limit : claimed > limit)) {
        return wrongSize(claimed, limit, "bytes");
      }
      try {
        return await platform.decode(name, configuration, bytes);
      } catch (error) {
        return decodeFailure(error);
      }
    }
  }
}

/** The default of numcodecs' `elementsize`. */
const SHUFFLED_BY_DEFAULT = 4;

function unshuffle(bytes: Uint8Array, itemSize: unknown): Uint8Array | string {
  if (typeof itemSize !== "number" || !Number.isInteger(itemSize) || itemSize < 1) {
    return `is shuffled by ${JSON.stringify(itemSize)} bytes, which is not a valid size`;
  }
  if (bytes.length % itemSize === 0) return unshuffleBytes(bytes, itemSize);
  return `has ${bytes.length} shuffled bytes, which is not a multiple of ${itemSize}`;
}

/** The error of a codec, as the end of a sentence about the chunk. */
export function decodeFailure(error: unknown): string {
  return `does not decode: ${reasonOf(error) || "the codec gives no reason"}`;
}

/**
 * How many bytes a compressed chunk claims to decode to; undefined where it does not say. A small chunk can decompress to
 * more than memory holds, so this is checked first.
 */
function claimedSize(codec: string, bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (codec === "blosc") return bytes.length >= 16 ? view.getUint32(4, true) : undefined;
  if (codec === "lz4") return bytes.length >= 4 ? view.getUint32(0, true) : undefined;
  return codec === "zstd" ? zstdContentSize(view) : undefined;
}

/** Why a compressed chunk is truncated by its own header: its codec may read beyond its end otherwise. */
function truncationReason(codec: string, bytes: Uint8Array): string | undefined {
  if (codec !== "blosc") return undefined;
  if (bytes.length < 16) return `has ${bytes.length} bytes, too few for a blosc header`;
  const claimed = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(12, true);
  return claimed > bytes.length ? `is truncated: it has ${bytes.length} bytes of ${claimed}` : undefined;
}

/** Frame_Content_Size of a Zstandard frame (RFC 8878, 3.1.1.1). */
function zstdContentSize(view: DataView): number | undefined {
  if (view.byteLength < 18 || view.getUint32(0, true) !== ZSTD_MAGIC) return undefined;
  const descriptor = view.getUint8(4);
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionarySize = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const at = 5 + (singleSegment ? 0 : 1) + dictionarySize;
  switch (descriptor >> 6) {
    case 0:
      return singleSegment ? view.getUint8(at) : undefined;
    case 1:
      return view.getUint16(at, true) + 256;
    case 2:
      return view.getUint32(at, true);
    default:
      return Number(view.getBigUint64(at, true));
  }
}

const ZSTD_MAGIC = 0xfd2fb528;
