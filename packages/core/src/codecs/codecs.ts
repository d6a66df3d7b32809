import { decodeBlosc, viewBlosc } from "./blosc/decode-blosc.js";
import { type BloscOptions, encodeBlosc } from "./blosc/encode-blosc.js";
import { decodeCrc32c, encodeCrc32c } from "./checksum.js";
import { type DeflateName, decodeDeflate, encodeDeflate } from "./deflate.js";
import type { Engine, EngineKind } from "./engine/engine.js";
import { loadEngine } from "./engine/load.js";
import { encodeLz4, viewLz4 } from "./lz4.js";
import { decodeLzw } from "./lzw.js";
import { type PlatformZlib, platformZlib } from "./platform.js";
import { decodeShuffle, encodeShuffle } from "./shuffle.js";
import { type DecodedSize, place, placeResult } from "./size.js";
import { decodeZstd } from "./zstd/decode-zstd.js";
import { encodeZstd, type ZstdOptions } from "./zstd/encode-zstd.js";

/** One codec of Zarr that turns bytes into bytes. */
export interface ChunkCodec<Options> {
  /**
   * Decodes a chunk. No length in it is trusted, and what comes out is exactly what was asked for.
   *
   * @param bytes the encoded chunk; it is not changed
   * @param size bytes that must come out, or at most may; decoding stops there
   * @param into where they go: at least as long; new memory where it is not given. After an error its content is
   *   undefined
   * @returns `into`, or its beginning where it is longer; no memory of ours
   * @throws DamagedChunkError; UnsupportedError for what is known and cannot be read (blosc with snappy); RangeError
   *   where `into` is too small
   */
  decode(bytes: Uint8Array, size: DecodedSize, into?: Uint8Array): Uint8Array;
  /**
   * Like `decode`, but without copying the result where that can be: into memory of the codecs, which the next call of
   * any of them overwrites, or `bytes` themselves. Undefined where there is no such memory for it.
   */
  view?(bytes: Uint8Array, size: DecodedSize): Uint8Array | undefined;
  /**
   * Encodes a chunk.
   *
   * @throws UsageError for levels and sizes that the format does not have
   */
  encode(bytes: Uint8Array, options: Options): Promise<Uint8Array>;
}

/** The codecs of one thread; decoding is synchronous. */
export interface Codecs {
  /** What the decoders run on: WebAssembly with SIMD, or plain JavaScript. */
  readonly engine: EngineKind;
  readonly blosc: ChunkCodec<BloscOptions>;
  readonly zstd: ChunkCodec<ZstdOptions>;
  readonly gzip: ChunkCodec<{ readonly level: number }>;
  readonly zlib: ChunkCodec<{ readonly level: number }>;
  readonly lz4: ChunkCodec<{ readonly acceleration?: number | undefined }>;
  readonly crc32c: ChunkCodec<unknown>;
  /** LZW of TIFF, which Zarr does not have. */
  readonly lzw: { decode(bytes: Uint8Array, length: number): Uint8Array };
  /** numcodecs' `shuffle` by elements of so many bytes. */
  shuffle(elementSize: number): ChunkCodec<unknown>;
}

/** How {@link loadCodecs} chooses among engines. */
export interface LoadOptions {
  /** The best that is allowed here, where it is not given. */
  readonly engine?: EngineKind | undefined;
  /** Whether the platform's zlib and zstd take the place of the engine's where they are faster: they do by default. */
  readonly platform?: boolean | undefined;
}

/**
 * Loads the codecs: some kilobytes of WebAssembly, which takes a few milliseconds once a thread.
 *
 * @example
 * const { blosc } = await loadCodecs();
 * const pixels = blosc.decode(chunk, 512 * 512 * 2);
 */
export async function loadCodecs({ engine, platform = true }: LoadOptions = {}): Promise<Codecs> {
  return codecsOf(await loadEngine(engine), platform ? platformZlib() : undefined);
}

function codecsOf(engine: Engine, zlib: PlatformZlib | undefined): Codecs {
  const deflate = (name: DeflateName): ChunkCodec<{ readonly level: number }> => ({
    decode: (bytes, size, into) => placeResult(decodeDeflate(engine, zlib, name, { bytes, size }), into),
    view: (bytes, size) => decodeDeflate(engine, zlib, name, { bytes, size }).bytes,
    encode: (bytes, { level }) => encodeDeflate(zlib, name, bytes, level),
  });
  return {
    engine: engine.kind,
    blosc: {
      decode: (bytes, size, into) => decodeBlosc(engine, bytes, size, into),
      view: (bytes, size) => viewBlosc(engine, bytes, size),
      encode: (bytes, options) =>
        encodeBlosc(engine, bytes, options, (block, cname, level) =>
          cname === "zstd"
            ? encodeZstd(engine, zlib, block, { level })
            : encodeDeflate(zlib, "zlib", block, level),
        ),
    },
    zstd: {
      decode: (bytes, size, into) => placeResult(decodeZstd(engine, zlib, { bytes, size }), into),
      view: (bytes, size) => decodeZstd(engine, zlib, { bytes, size }).bytes,
      encode: (bytes, options) => encodeZstd(engine, zlib, bytes, options),
    },
    gzip: deflate("gzip"),
    zlib: deflate("zlib"),
    lz4: {
      decode: (bytes, size, into) => place(viewLz4(engine, bytes, size), into),
      view: (bytes, size) => viewLz4(engine, bytes, size),
      encode: async (bytes, { acceleration }) => encodeLz4(engine, bytes, acceleration),
    },
    crc32c: {
      decode: (bytes, size, into) => decodeCrc32c(engine, bytes, size, into),
      encode: async (bytes) => encodeCrc32c(engine, bytes),
    },
    lzw: { decode: (bytes, length) => decodeLzw(engine, bytes, length) },
    shuffle: (elementSize) => ({
      decode: (bytes, size, into) => decodeShuffle(engine, elementSize, { bytes, size, into }),
      encode: async (bytes) => encodeShuffle(engine, bytes, elementSize),
    }),
  };
}
