import { concatBytes } from "../../bytes/source-and-sink.js";
import { reasonOf, UnsupportedError } from "../../errors.js";
import { isJsonObject, type JsonObject } from "../json.js";

/** A codec by its name in Zarr v3; codecs of v2 get the name `numcodecs.…`. */
export type Codec = {
  readonly name: string;
  readonly configuration: JsonObject;
};

/** Reads a codec of a document: an object with a name (v3) or an id (v2), or, since Zarr 3.1, the bare name. */
export function codecOf(codec: unknown): Codec {
  if (typeof codec === "string") return { name: codec, configuration: {} };
  const { name, id, configuration, ...rest } = isJsonObject(codec) ? codec : ({} as JsonObject);
  if (typeof name === "string") {
    return { name, configuration: isJsonObject(configuration) ? configuration : {} };
  }
  return { name: `numcodecs.${String(id)}`, configuration: rest };
}

/** The name of a codec without the prefix `numcodecs.`. */
export function plainName(name: string): string {
  return name.replace(/^numcodecs\./, "");
}

/** The codecs of a chunk in the order of encoding, split where elements become bytes. */
export interface CodecChain {
  /** Codecs of elements, up to the one that converts them to bytes. */
  readonly toBytes: readonly Codec[];
  /** Compressors and checksums, which do not depend on the elements. */
  readonly ofBytes: readonly Codec[];
}

/** Splits the codecs of a Zarr v3 array; undefined where `bytes` is not among them. */
export function splitChain(codecs: readonly unknown[]): CodecChain | undefined {
  const named = codecs.map(codecOf);
  const at = named.findIndex(({ name }) => name === "bytes");
  if (at < 0) return undefined;
  return { toBytes: named.slice(0, at + 1), ofBytes: named.slice(at + 1) };
}

/** The codecs of bytes that {@link decodeBytes} can decode, by their plain names. */
export const DECODABLE: ReadonlySet<string> = new Set([
  ...["blosc", "zstd", "gzip", "zlib", "lz4", "crc32c", "shuffle"],
]);

/** The plain names of the codecs of bytes that {@link decodeBytes} cannot decode. */
export function undecodable(codecs: readonly Codec[]): string[] {
  return codecs.map(({ name }) => plainName(name)).filter((name) => !DECODABLE.has(name));
}

/** The codecs that chunks are encoded and decoded with. */
export interface CodecPlatform {
  /** For gzip and zlib. */
  readonly deflate: Deflate;
  /** Encodes with a bytes-to-bytes codec of zarrita's registry. */
  encode(name: string, configuration: JsonObject, bytes: Uint8Array): Promise<Uint8Array>;
  /** Decodes with a bytes-to-bytes codec of zarrita's registry. */
  decode(name: string, configuration: JsonObject, bytes: Uint8Array): Promise<Uint8Array>;
}

interface BytesCodec {
  encode(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
  decode(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/**
 * The codecs of zarrita, which are loaded only now, so that reading metadata starts faster.
 *
 * @param deflate for gzip and zlib; the platform's streams by default
 */
export async function codecPlatform(deflate: Deflate = streamDeflate): Promise<CodecPlatform> {
  const { registry } = await import("zarrita");
  const codecs = new Map<string, Promise<BytesCodec>>();
  const codecFor = (name: string, configuration: JsonObject): Promise<BytesCodec> => {
    const id = JSON.stringify([name, configuration]);
    const known = codecs.get(id);
    if (known !== undefined) return known;
    const codec = (async () => {
      const Codec = await registry.get(name)?.();
      if (Codec === undefined) throw new Error(`the codec ${name} is not supported`);
      // Bytes-to-bytes codecs do not look at the metadata of the array.
      return Codec.fromConfig(configuration, undefined as never) as unknown as BytesCodec;
    })();
    codecs.set(id, codec);
    return codec;
  };
  return {
    deflate,
    encode: async (name, configuration, bytes) => (await codecFor(name, configuration)).encode(bytes),
    decode: async (name, configuration, bytes) => (await codecFor(name, configuration)).decode(bytes),
  };
}

/** The format around deflated data: `deflate` is zlib's (RFC 1950), as in `CompressionStream`. */
export type DeflateFormat = "gzip" | "deflate";

/** Deflates and inflates. The default is {@link streamDeflate}; zlib of Node is faster. */
export interface Deflate {
  /**
   * Compresses. The result must not depend on the time or the system.
   *
   * @param level 0 to 9
   */
  deflate(bytes: Uint8Array, format: DeflateFormat, level: number): Promise<Uint8Array>;
  /**
   * Decompresses.
   *
   * @param limit bytes; a larger result is an error, reported before it fills the memory
   * @returns the bytes, or what is wrong, as the end of a sentence about the compressed ones
   */
  inflate(bytes: Uint8Array, format: DeflateFormat, limit: number): Promise<Uint8Array | string>;
}

/** The level of `CompressionStream`, which is not documented. */
const STREAM_LEVEL = 6;

/** Deflates and inflates with the streams of the web. Throws `UnsupportedError` for levels other than 6. */
export const streamDeflate: Deflate = {
  async deflate(bytes, format, level) {
    if (level !== STREAM_LEVEL) {
      throw new UnsupportedError(
        `this platform compresses with gzip at level ${STREAM_LEVEL} only, not at ${level}: use gzip:${STREAM_LEVEL} or zstd`,
        { location: "gzip", feature: `gzip level ${level}` },
      );
    }
    const pieces: Uint8Array[] = [];
    const body = streamOf(bytes).pipeThrough(new CompressionStream(format));
    for await (const piece of body) pieces.push(piece);
    return withoutOrigin(concatBytes(pieces), format);
  },
  async inflate(bytes, format, limit) {
    const pieces: Uint8Array[] = [];
    let length = 0;
    try {
      const body = streamOf(bytes).pipeThrough(new DecompressionStream(format));
      for await (const piece of body) {
        pieces.push(piece);
        length += piece.length;
        if (length > limit) return exceedsLimit(limit);
      }
    } catch (error) {
      return `does not decode: ${reasonOf(error)}`;
    }
    return concatBytes(pieces);
  },
};

/** The fault of a chunk that decodes to too many bytes, as the end of a sentence about it. */
export function exceedsLimit(limit: number): string {
  return `decodes to more than ${limit} bytes`;
}

/** Clears the time and the system in a gzip header (RFC 1952, 2.3.1), so that equal data give equal bytes. */
export function withoutOrigin(bytes: Uint8Array, format: DeflateFormat): Uint8Array {
  if (format === "gzip") {
    bytes.fill(0, 4, 8);
    bytes[9] = UNKNOWN_SYSTEM;
  }
  return bytes;
}

/** The operating system in a gzip header (RFC 1952, 2.3.1). */
export const UNKNOWN_SYSTEM = 255;

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
}
