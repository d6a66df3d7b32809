import { concatBytes } from "../../bytes/source-and-sink.js";
import { UnsupportedError } from "../../errors.js";
import { isJsonObject, type JsonObject } from "../json.js";

/** A codec by its name in Zarr v3, its configuration apart; those of v2 get the name `numcodecs.…`. */
export type Codec = {
  readonly name: string;
  readonly configuration: JsonObject;
};

/** A codec as a document has it: with a name (v3), with an id (v2), or, since Zarr 3.1, the bare name. */
export function codecOf(codec: unknown): Codec {
  if (typeof codec === "string") return { name: codec, configuration: {} };
  const { name, id, configuration, ...rest } = isJsonObject(codec) ? codec : ({} as JsonObject);
  if (typeof name === "string") {
    return { name, configuration: isJsonObject(configuration) ? configuration : {} };
  }
  return { name: `numcodecs.${String(id)}`, configuration: rest };
}

/** The name without the prefix under which Zarr v3 knows what was numcodecs' in v2. */
export function plainName(name: string): string {
  return name.replace(/^numcodecs\./, "");
}

/** The codecs of a chunk in the order of encoding, taken apart where elements become bytes. */
export interface CodecChain {
  /** What comes before, and the one that makes bytes of elements. */
  readonly toBytes: readonly Codec[];
  /** Compressors and checksums, which move bytes whatever they mean. */
  readonly ofBytes: readonly Codec[];
}

/** Takes a chain of Zarr v3 apart; undefined where no codec that is known makes bytes of elements. */
export function splitChain(codecs: readonly unknown[]): CodecChain | undefined {
  const named = codecs.map(codecOf);
  const at = named.findIndex(({ name }) => name === "bytes");
  if (at < 0) return undefined;
  return { toBytes: named.slice(0, at + 1), ofBytes: named.slice(at + 1) };
}

/** What {@link decodeBytes} knows. */
export const DECODABLE: ReadonlySet<string> = new Set([
  ...["blosc", "zstd", "gzip", "zlib", "lz4", "crc32c", "shuffle"],
]);

/** Codecs of bytes that cannot be undone here, by name. */
export function undecodable(codecs: readonly Codec[]): string[] {
  return codecs.map(({ name }) => plainName(name)).filter((name) => !DECODABLE.has(name));
}

/** What chunks are encoded and decoded with. */
export interface CodecPlatform {
  readonly deflate: Deflate;
  /** Runs a codec of zarrita's registry that turns bytes into bytes. */
  encode(name: string, configuration: JsonObject, bytes: Uint8Array): Promise<Uint8Array>;
  decode(name: string, configuration: JsonObject, bytes: Uint8Array): Promise<Uint8Array>;
}

interface BytesCodec {
  encode(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
  decode(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/**
 * The codecs of zarrita, which are loaded when they are asked for: those who only look at metadata start faster.
 *
 * @param deflate what gzip and zlib are done with
 */
export async function codecPlatform(deflate: Deflate = streamDeflate): Promise<CodecPlatform> {
  const { registry } = await import("zarrita");
  const made = new Map<string, Promise<BytesCodec>>();
  const codecFor = (name: string, configuration: JsonObject): Promise<BytesCodec> => {
    const id = JSON.stringify([name, configuration]);
    const known = made.get(id);
    if (known !== undefined) return known;
    const codec = (async () => {
      const Codec = await registry.get(name)?.();
      if (Codec === undefined) throw new Error(`the codec ${name} is not known here`);
      // No codec of those that only move bytes looks at what the array is like.
      return Codec.fromConfig(configuration, undefined as never) as unknown as BytesCodec;
    })();
    made.set(id, codec);
    return codec;
  };
  return {
    deflate,
    encode: async (name, configuration, bytes) => (await codecFor(name, configuration)).encode(bytes),
    decode: async (name, configuration, bytes) => (await codecFor(name, configuration)).decode(bytes),
  };
}

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
        if (length > limit) return tooMuch(limit);
      }
    } catch (error) {
      return `does not decode: ${error instanceof Error ? error.message : String(error)}`;
    }
    return concatBytes(pieces);
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
