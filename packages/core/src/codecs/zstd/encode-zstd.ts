import { plainBytes } from "../deflate.js";
import type { Engine } from "../engine/engine.js";
import { shrinkMemory } from "../free-memory.js";
import { checkLevel } from "../levels.js";
import type { PlatformZlib } from "../platform.js";
import { withChecksum } from "./zstd-frame.js";

/** The members of the `zstd` codec's configuration (Zarr v3). */
export interface ZstdOptions {
  /** −131072 to 22; 0 is zstd's own default, 3. */
  readonly level: number;
  /** Whether the frame ends with a checksum of its content. */
  readonly checksum?: boolean | undefined;
}

interface NumcodecsZstd {
  encode(bytes: Uint8Array): Promise<Uint8Array>;
}

const DEFAULT_LEVEL = 3;
/** Bytes by which a frame of few bytes may be longer than they are. */
const LARGEST_OVERHEAD = 512;

/**
 * Encodes as one frame that tells its content's size: with the platform's zstd, and with numcodecs' WebAssembly where it
 * has none, which knows no level below 1.
 *
 * @throws UsageError for levels that zstd does not have
 */
export async function encodeZstd(
  engine: Engine,
  zlib: PlatformZlib | undefined,
  bytes: Uint8Array,
  { level, checksum = false }: ZstdOptions,
): Promise<Uint8Array> {
  checkLevel("zstd", level);
  if (zlib?.zstdCompressSync !== undefined) {
    const { ZSTD_c_compressionLevel = 100, ZSTD_c_checksumFlag = 201 } = zlib.constants;
    const params = { [ZSTD_c_compressionLevel]: level, [ZSTD_c_checksumFlag]: Number(checksum) };
    // Room for the whole frame (`ZSTD_compressBound`), which comes in pieces of 16 kB otherwise.
    const chunkSize = bytes.length + (bytes.length >> 8) + LARGEST_OVERHEAD;
    const frame = zlib.zstdCompressSync(bytes, { params, pledgedSrcSize: bytes.length, chunkSize });
    return shrinkMemory(plainBytes(frame));
  }
  const { default: Zstd } = await import("numcodecs/zstd");
  const codec = Zstd.fromConfig({ id: "zstd", level: level === 0 ? DEFAULT_LEVEL : Math.max(level, 1) });
  const frame = await (codec as NumcodecsZstd).encode(bytes);
  return checksum ? withChecksum(frame, contentChecksum(engine, bytes)) : frame;
}

function contentChecksum(engine: Engine, bytes: Uint8Array): number {
  return engine.use("zstd", () => {
    const [at = 0] = engine.layOut("zstd", bytes.length);
    engine.heap.set(bytes, at);
    return engine.instance.xxh64(at, bytes.length) >>> 0;
  });
}
