import { plainBytes } from "../deflate.js";
import type { Engine } from "../engine/engine.js";
import { DamagedChunkError, faultError, TOO_MUCH, wrongSizeError } from "../fault.js";
import { isTooLarge, outputOptions, type PlatformZlib } from "../platform.js";
import { type DecodedResult, type EncodedChunk, isSize, mostBytes } from "../size.js";
import { readFrame } from "./zstd-frame.js";

/** Below this a call of the platform costs more than it saves. */
const WORTH_A_CALL = 32 * 1024;
/** What compresses better than this is mostly copied, and the platform's result is copied once more. */
const MOSTLY_COPIED = 8;

/**
 * Decodes a chunk of Zstandard: frames one behind the other, skippable ones among them; checksums are compared.
 *
 * @param zlib the platform's, whose zstd is there from Node 22.15 on
 * @throws DamagedChunkError
 */
export function decodeZstd(
  engine: Engine,
  zlib: PlatformZlib | undefined,
  { bytes, size }: EncodedChunk,
): DecodedResult {
  const most = mostBytes(size);
  const frame = readFrame(bytes);
  const claimed = frame?.end === bytes.length ? frame.contentSize : undefined;
  if (claimed !== undefined && !isSize(claimed, size)) {
    throw typeof size === "number"
      ? wrongSizeError("zstd", claimed, size)
      : faultError("zstd", TOO_MUCH, most);
  }
  // Node's makes nothing of a skippable frame that comes first, and stops behind one frame.
  const worthIt = claimed !== undefined && claimed >= WORTH_A_CALL && claimed < MOSTLY_COPIED * bytes.length;
  if (worthIt && zlib?.zstdDecompressSync !== undefined) {
    return { bytes: plainBytes(byPlatform(zlib.zstdDecompressSync, bytes, claimed)), isOwn: true };
  }
  return engine.use("zstd", () => {
    const first = claimed ?? (typeof size === "number" ? most : Math.max(64 * 1024, bytes.length * 8));
    const decoded = engine.decodeBounded("zstd", "zstd", bytes, { most: claimed ?? most, first });
    if (!isSize(decoded.length, size)) throw wrongSizeError("zstd", decoded.length, most);
    return { bytes: decoded, isOwn: false };
  });
}

function byPlatform(
  decode: NonNullable<PlatformZlib["zstdDecompressSync"]>,
  bytes: Uint8Array,
  size: number,
): Uint8Array {
  let decoded: Uint8Array;
  try {
    decoded = decode(bytes, outputOptions(size));
  } catch (cause) {
    if (isTooLarge(cause)) throw faultError("zstd", TOO_MUCH, size);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DamagedChunkError("zstd", `does not decode: ${reason}`, { cause });
  }
  if (decoded.length !== size) throw wrongSizeError("zstd", decoded.length, size);
  return decoded;
}
