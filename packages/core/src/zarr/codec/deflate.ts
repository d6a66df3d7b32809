import { concatenate } from "../../bytes/concatenate.js";
import { UnsupportedError } from "../../errors.js";

/** Deflate in an envelope: `deflate` is zlib's (RFC 1950). */
export type DeflateFormat = "gzip" | "deflate";

/**
 * Deflates and inflates. The platform's own streams do everywhere; where there is something faster, as zlib in
 * Node, it takes their place.
 */
export interface Deflate {
  /** `level` 0 to 9. The bytes must not say when or on what system they were made. */
  deflate(bytes: Uint8Array, format: DeflateFormat, level: number): Promise<Uint8Array>;
  /** Decompresses, and stops where more than `limit` bytes come out; a text says what is wrong. */
  inflate(bytes: Uint8Array, format: DeflateFormat, limit: number): Promise<Uint8Array | string>;
}

/** The only level that `CompressionStream` has, though it does not say so. */
const STREAM_LEVEL = 6;

/** Deflate by the streams of the web. They have one level only. */
export const streamDeflate: Deflate = {
  async deflate(bytes, format, level) {
    if (level !== STREAM_LEVEL) {
      throw new UnsupportedError(
        `this platform compresses with gzip at level ${STREAM_LEVEL} only, not at ${level}: ask for gzip:${STREAM_LEVEL} or for zstd`,
        { location: "gzip", feature: `gzip level ${level}` },
      );
    }
    const pieces: Uint8Array[] = [];
    const body = streamOf(bytes).pipeThrough(new CompressionStream(format));
    for await (const piece of body) pieces.push(piece);
    return withoutOrigin(concatenate(pieces), format);
  },
  async inflate(bytes, format, limit) {
    const pieces: Uint8Array[] = [];
    let length = 0;
    try {
      const body = streamOf(bytes).pipeThrough(new DecompressionStream(format));
      for await (const piece of body) {
        pieces.push(piece);
        length += piece.length;
        if (length > limit) return tooMuch(limit);
      }
    } catch (error) {
      return `does not decode: ${error instanceof Error ? error.message : String(error)}`;
    }
    return concatenate(pieces);
  },
};

export function tooMuch(limit: number): string {
  return `decodes to more than ${limit} bytes`;
}

/** Makes a gzip header say nothing of time and system (RFC 1952, 2.3.1), so that the same data give the same bytes. */
export function withoutOrigin(bytes: Uint8Array, format: DeflateFormat): Uint8Array {
  if (format === "gzip") {
    bytes.fill(0, 4, 8);
    bytes[9] = UNKNOWN_SYSTEM;
  }
  return bytes;
}

export const UNKNOWN_SYSTEM = 255;

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
}
