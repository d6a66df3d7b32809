import { UnsupportedError } from "../errors.js";
import type { Engine } from "./engine/engine.js";
import { DamagedChunkError, faultError, TOO_MUCH, wrongSizeError } from "./fault.js";
import { checkLevel } from "./levels.js";
import { isTooLarge, outputOptions, type PlatformZlib } from "./platform.js";
import { type DecodedResult, type EncodedChunk, isSize, mostBytes } from "./size.js";

export type DeflateName = "gzip" | "zlib";

/** The only level that `CompressionStream` has. */
const STREAM_LEVEL = 6;
/** A gzip header's operating system that is not known (RFC 1952, 2.3.1). */
const UNKNOWN_SYSTEM = 255;

/**
 * Decodes a chunk of gzip (RFC 1952; all its members) or zlib (RFC 1950): the checksums are compared. Nothing but zeros
 * may follow gzip's members, while anything may follow zlib's data: both as in Python.
 *
 * @param zlib the platform's; the engine's is used where there is none
 * @throws DamagedChunkError
 */
export function decodeDeflate(
  engine: Engine,
  zlib: PlatformZlib | undefined,
  name: DeflateName,
  chunk: EncodedChunk,
): DecodedResult {
  const { bytes, size } = chunk;
  const most = mostBytes(size);
  if (zlib !== undefined) return { bytes: byPlatform(zlib, name, chunk), isOwn: true };
  return engine.use(name, () => {
    const first = typeof size === "number" ? most : Math.max(64 * 1024, bytes.length * 8);
    const decoded = engine.decodeBounded(name, name, bytes, { most, first });
    if (!isSize(decoded.length, size)) throw wrongSizeError(name, decoded.length, most);
    return { bytes: decoded, isOwn: false };
  });
}

function byPlatform(zlib: PlatformZlib, name: DeflateName, { bytes, size }: EncodedChunk): Uint8Array {
  const most = mostBytes(size);
  let result: { readonly buffer: Uint8Array; readonly engine: { readonly bytesWritten: number } };
  try {
    const decode = name === "gzip" ? zlib.gunzipSync : zlib.inflateSync;
    result = decode(bytes, { ...outputOptions(most), info: true }) as typeof result;
  } catch (cause) {
    if (isTooLarge(cause)) throw faultError(name, TOO_MUCH, most);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DamagedChunkError(name, `does not decode: ${reason}`, { cause });
  }
  const { buffer } = result;
  // Node stops at what is no member, and says nothing; Python refuses it.
  if (name === "gzip" && bytes.subarray(result.engine.bytesWritten).some((byte) => byte !== 0)) {
    throw new DamagedChunkError(name, "has bytes behind its end");
  }
  if (!isSize(buffer.length, size)) throw wrongSizeError(name, buffer.length, most);
  return plainBytes(buffer);
}

/** A `Uint8Array` that is no `Buffer`, whose `slice` shares memory. */
export function plainBytes(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

/**
 * Encodes as gzip or zlib; the same bytes give the same result, whenever and wherever.
 *
 * @param level 0 to 9
 * @throws UsageError for other levels; UnsupportedError where the platform has no level but 6
 */
export async function encodeDeflate(
  zlib: PlatformZlib | undefined,
  name: DeflateName,
  bytes: Uint8Array,
  level: number,
): Promise<Uint8Array> {
  checkLevel(name, level);
  if (zlib !== undefined) {
    const encode = name === "gzip" ? zlib.gzipSync : zlib.deflateSync;
    return withoutOrigin(name, plainBytes(encode(bytes, { level })));
  }
  if (level !== STREAM_LEVEL) {
    throw new UnsupportedError(
      `this platform compresses with ${name} at level ${STREAM_LEVEL} only, not at ${level}: ask for ${name} at level ${STREAM_LEVEL} or for zstd`,
      { location: name, feature: `${name} level ${level}` },
    );
  }
  const body = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new CompressionStream(name === "gzip" ? "gzip" : "deflate"));
  return withoutOrigin(name, new Uint8Array(await new Response(body).arrayBuffer()));
}

/** Makes a gzip header say nothing of time and system. */
function withoutOrigin(name: DeflateName, bytes: Uint8Array): Uint8Array {
  if (name === "gzip") {
    bytes.fill(0, 4, 8);
    bytes[9] = UNKNOWN_SYSTEM;
  }
  return bytes;
}
