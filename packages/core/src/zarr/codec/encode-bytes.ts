import { crc32c } from "../crc32c.js";
import { type BloscOptions, encodeBlosc } from "./blosc.js";
import type { Codec } from "./chain.js";
import type { CodecPlatform } from "./platform.js";

/** Codecs of bytes that {@link encodeBytes} can write, by their names in Zarr v3. */
export const ENCODABLE: ReadonlySet<string> = new Set(["blosc", "zstd", "gzip", "crc32c"]);

/**
 * Runs codecs that only move bytes, in their order. Their configurations are complete, as `requestedCodecs`
 * makes them.
 */
export async function encodeBytes(
  codecs: readonly Codec[],
  bytes: Uint8Array,
  platform: CodecPlatform,
): Promise<Uint8Array> {
  let encoded = bytes;
  for (const { name, configuration } of codecs) {
    encoded = await encodeOne(name, configuration, encoded, platform);
  }
  return encoded;
}

async function encodeOne(
  name: string,
  configuration: Codec["configuration"],
  bytes: Uint8Array,
  platform: CodecPlatform,
): Promise<Uint8Array> {
  switch (name) {
    case "gzip":
      return platform.deflate.deflate(bytes, "gzip", Number(configuration["level"]));
    case "blosc":
      return encodeBlosc(bytes, configuration as unknown as BloscOptions, platform);
    case "zstd":
      return platform.encode("zstd", configuration, bytes);
    case "crc32c": {
      const out = new Uint8Array(bytes.length + 4);
      out.set(bytes);
      new DataView(out.buffer).setUint32(bytes.length, crc32c(bytes), true);
      return out;
    }
    default:
      throw new TypeError(`the codec ${name} cannot be encoded here`);
  }
}
