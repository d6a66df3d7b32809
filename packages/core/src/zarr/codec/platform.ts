import type { JsonObject } from "../json.js";
import { type Deflate, streamDeflate } from "./deflate.js";

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
