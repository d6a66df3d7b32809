import type { BloscOptions } from "../../codecs/blosc/encode-blosc.js";
import type { Codecs } from "../../codecs/codecs.js";
import type { ZstdOptions } from "../../codecs/zstd/encode-zstd.js";
import type { Codec } from "./codec.js";

export type { BloscCompressor, BloscShuffle } from "../../codecs/blosc/encode-blosc.js";

/** The codecs that {@link encodeBytes} can encode, by their names in Zarr v3. */
export const ENCODABLE: ReadonlySet<string> = new Set(["blosc", "zstd", "gzip", "crc32c"]);

/** The compressors of Blosc that can be written. All others can only be read. */
export const BLOSC_COMPRESSORS = ["lz4", "zstd", "zlib"] as const;

/**
 * Encodes bytes with bytes-to-bytes codecs, in their order. Equal bytes give equal results.
 *
 * @param codecs all of them in `ENCODABLE`, with complete configurations as `requestedCodecs` returns them
 * @throws UsageError for levels that a codec does not have
 */
export async function encodeBytes(
  codecs: readonly Codec[],
  bytes: Uint8Array,
  platform: Codecs,
): Promise<Uint8Array> {
  let encoded = bytes;
  for (const codec of codecs) encoded = await encodeOne(codec, encoded, platform);
  return encoded;
}

function encodeOne({ name, configuration }: Codec, bytes: Uint8Array, platform: Codecs): Promise<Uint8Array> {
  switch (name) {
    case "gzip":
      return platform.gzip.encode(bytes, { level: Number(configuration["level"]) });
    case "blosc":
      return platform.blosc.encode(bytes, configuration as unknown as BloscOptions);
    case "zstd":
      return platform.zstd.encode(bytes, configuration as unknown as ZstdOptions);
    case "crc32c":
      return platform.crc32c.encode(bytes, undefined);
    default:
      throw new TypeError(`the codec ${name} cannot be encoded here`);
  }
}
