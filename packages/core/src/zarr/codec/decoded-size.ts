/** Small chunks can claim, or decompress to, more than memory holds; what they come to is found out first. */

/** How many bytes a compressed chunk says it decodes to; undefined where it does not say. */
export function claimedSize(codec: string, bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (codec === "blosc") return bytes.length >= 16 ? view.getUint32(4, true) : undefined;
  if (codec === "lz4") return bytes.length >= 4 ? view.getUint32(0, true) : undefined;
  return codec === "zstd" ? zstdContentSize(view) : undefined;
}

/** Why a compressed chunk cannot be whole, by its own account; its codec may read beyond its end otherwise. */
export function cutShort(codec: string, bytes: Uint8Array): string | undefined {
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
