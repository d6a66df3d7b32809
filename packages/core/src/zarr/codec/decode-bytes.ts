import { crc32cFault, unshuffleBytes } from "./byte-filters.js";
import { type Codec, type CodecPlatform, plainName } from "./codec.js";

/**
 * Undoes codecs that only move bytes. What would come to more than it should is found out before, as far as
 * formats tell.
 *
 * @param codecs in the order of encoding
 * @param size bytes of the decoded chunk
 * @returns the bytes, or what is wrong with them as the end of a sentence about the chunk
 */
export async function decodeBytes(
  codecs: readonly Codec[],
  bytes: Uint8Array,
  size: number,
  platform: CodecPlatform,
): Promise<Uint8Array | string> {
  let decoded = bytes;
  for (let k = codecs.length - 1; k >= 0; k--) {
    const { name, configuration } = codecs[k] as Codec;
    // What is still encoded may be a little larger than what it decodes to.
    const room = k === 0 ? size : size + k * (64 + Math.ceil(size / 64));
    const result = await decodeOne(
      plainName(name),
      configuration,
      decoded,
      { room, exact: k === 0 },
      platform,
    );
    if (typeof result === "string") return result;
    decoded = result;
  }
  return decoded.length === size ? decoded : wrongSize(decoded.length, size, "bytes");
}

export function wrongSize(found: number, expected: number, what: string): string {
  return `decodes to ${found} and not to ${expected} ${what}`;
}

async function decodeOne(
  name: string,
  configuration: Codec["configuration"],
  bytes: Uint8Array,
  { room, exact }: { readonly room: number; readonly exact: boolean },
  platform: CodecPlatform,
): Promise<Uint8Array | string> {
  switch (name) {
    case "gzip":
      return platform.deflate.inflate(bytes, "gzip", room);
    case "zlib":
      return platform.deflate.inflate(bytes, "deflate", room);
    case "crc32c":
      return crc32cFault(bytes) ?? bytes.subarray(0, bytes.length - 4);
    case "shuffle":
      return unshuffle(bytes, configuration["elementsize"] ?? SHUFFLED_BY_DEFAULT);
    default: {
      const short = truncationReason(name, bytes);
      if (short !== undefined) return short;
      const claimed = claimedSize(name, bytes);
      if (claimed !== undefined && (exact ? claimed !== room : claimed > room)) {
        return wrongSize(claimed, room, "bytes");
      }
      try {
        return await platform.decode(name, configuration, bytes);
      } catch (error) {
        return `does not decode: ${reasonOf(error)}`;
      }
    }
  }
}

/** numcodecs' size of an element where none is given. */
const SHUFFLED_BY_DEFAULT = 4;

function unshuffle(bytes: Uint8Array, itemSize: unknown): Uint8Array | string {
  if (typeof itemSize !== "number" || !Number.isInteger(itemSize) || itemSize < 1) {
    return `is shuffled by ${JSON.stringify(itemSize)} bytes, which is no size`;
  }
  if (bytes.length % itemSize === 0) return unshuffleBytes(bytes, itemSize);
  return `has ${bytes.length} shuffled bytes, which are no multiple of ${itemSize}`;
}

/** The innermost reason, in one line; codecs in WebAssembly throw texts and numbers too. */
export function reasonOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause !== undefined) inner = inner.cause;
  const text = inner instanceof Error ? inner.message : String(inner);
  return text.split("\n", 1)[0]?.replace(/\.$/, "") || "the codec gives no reason";
}

/** Small chunks can claim, or decompress to, more than memory holds; what they come to is found out first. */

/** How many bytes a compressed chunk says it decodes to; undefined where it does not say. */
export function claimedSize(codec: string, bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (codec === "blosc") return bytes.length >= 16 ? view.getUint32(4, true) : undefined;
  if (codec === "lz4") return bytes.length >= 4 ? view.getUint32(0, true) : undefined;
  return codec === "zstd" ? zstdContentSize(view) : undefined;
}

/** Why a compressed chunk cannot be whole, by its own account; its codec may read beyond its end otherwise. */
export function truncationReason(codec: string, bytes: Uint8Array): string | undefined {
  if (codec !== "blosc") return undefined;
  if (bytes.length < 16) return `has ${bytes.length} bytes, too few for a blosc header`;
  const claimed = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(12, true);
  return claimed > bytes.length ? `is cut short: it has ${bytes.length} bytes of ${claimed}` : undefined;
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
