import { type ChunkCodec, DamagedChunkError, loadCodecs } from "@ozx/core/codecs";
import { DamagedSegmentError, tooShort } from "./segment-fault.js";
import type { SegmentSize } from "./segment-layout.js";

/** The bytes that must come out, and the most that may. */
export type StoredSize = Pick<SegmentSize, "stored" | "mostStored">;

/**
 * Copies what is not compressed; what follows is ignored.
 *
 * @throws DamagedSegmentError
 */
export function decodeStored(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length < length) throw tooShort("no compression", bytes.length, length);
  // Not by `slice`, which of a Buffer shares its memory.
  return new Uint8Array(bytes.subarray(0, length));
}

/**
 * Decodes Deflate, which TIFF stores as a zlib stream (Adobe Photoshop TIFF Technical Notes, page 4).
 *
 * @throws DamagedSegmentError
 */
export async function decodeDeflate(bytes: Uint8Array, size: StoredSize): Promise<Uint8Array> {
  return decodeChecked("Deflate", (await loadCodecs()).zlib, bytes, size);
}

/** Decodes LZW (TIFF 6.0, section 13), also old-style. @throws DamagedSegmentError */
export async function decodeLzw(bytes: Uint8Array, length: number): Promise<Uint8Array> {
  const { lzw } = await loadCodecs();
  try {
    return lzw.decode(bytes, length);
  } catch (error) {
    if (!(error instanceof DamagedChunkError)) throw error;
    throw new DamagedSegmentError("LZW", error.reason, { cause: error });
  }
}

/** Decodes one frame of Zstandard (RFC 8878), or several. @throws DamagedSegmentError */
export async function decodeZstandard(bytes: Uint8Array, size: StoredSize): Promise<Uint8Array> {
  return decodeChecked("Zstandard", (await loadCodecs()).zstd, bytes, size);
}

function decodeChecked(
  name: string,
  codec: Pick<ChunkCodec<never>, "decode">,
  bytes: Uint8Array,
  { stored, mostStored }: StoredSize,
): Uint8Array {
  try {
    return codec.decode(bytes, stored);
  } catch (error) {
    if (!(error instanceof DamagedChunkError)) throw error;
  }
  // There may be more than is needed: some writers fill up the last strip.
  const decoded = decodeAtMost(name, codec, bytes, mostStored);
  if (decoded.length < stored) throw tooShort(name, decoded.length, stored);
  return new Uint8Array(decoded.subarray(0, stored));
}

/**
 * Decodes bytes whose number is not known, and stops where they come to more than `most`.
 *
 * @throws DamagedSegmentError
 */
export function decodeAtMost(
  name: string,
  codec: Pick<ChunkCodec<never>, "decode">,
  bytes: Uint8Array,
  most: number,
): Uint8Array {
  try {
    return codec.decode(bytes, { atMost: most });
  } catch (error) {
    if (!(error instanceof DamagedChunkError)) throw error;
    throw new DamagedSegmentError(name, error.reason, { cause: error });
  }
}
