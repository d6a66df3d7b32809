import type { ChunkCodec, Codecs } from "../../codecs/codecs.js";
import { DamagedChunkError } from "../../codecs/fault.js";
import type { DecodedSize } from "../../codecs/size.js";
import { reasonOf } from "../../errors.js";
import { type Codec, plainName } from "./codec.js";

/**
 * Decodes bytes-to-bytes codecs. No length in a chunk is trusted, and decoding stops where more comes out than should.
 *
 * @param codecs in the order of encoding, all of them in `DECODABLE`
 * @param size the bytes of the decoded chunk, or the most that it may have
 * @returns the bytes, or what is wrong, as the end of a sentence about the chunk
 */
export function decodeBytes(
  codecs: readonly Codec[],
  bytes: Uint8Array,
  size: DecodedSize,
  platform: Codecs,
): Uint8Array | string {
  let decoded = bytes;
  try {
    for (let k = codecs.length - 1; k >= 0; k--) {
      decoded = codecOfBytes(codecs[k] as Codec, platform).decode(
        decoded,
        k === 0 ? size : encodedRoom(size, k),
      );
    }
  } catch (error) {
    return error instanceof DamagedChunkError ? error.reason : decodeFailure(error);
  }
  if (typeof size === "number")
    return decoded.length === size ? decoded : wrongSize(decoded.length, size, "bytes");
  return decoded.length <= size.atMost ? decoded : `decodes to more than ${size.atMost} bytes`;
}

/** The fault of a chunk that decodes to the wrong number of bytes or elements, as the end of a sentence about it. */
export function wrongSize(found: number, expected: number, what: string): string {
  return `decodes to ${found} and not to ${expected} ${what}`;
}

/** The error of a codec, as the end of a sentence about the chunk. */
export function decodeFailure(error: unknown): string {
  return `does not decode: ${reasonOf(error) || "the codec gives no reason"}`;
}

/** The most bytes between codecs: encoded bytes may be a little longer than those that they decode to. */
function encodedRoom(size: DecodedSize, codecs: number): DecodedSize {
  const most = typeof size === "number" ? size : size.atMost;
  return { atMost: most + codecs * (64 + Math.ceil(most / 64)) };
}

function codecOfBytes({ name, configuration }: Codec, platform: Codecs): Pick<ChunkCodec<never>, "decode"> {
  const plain = plainName(name);
  switch (plain) {
    case "blosc":
    case "zstd":
    case "gzip":
    case "zlib":
    case "lz4":
    case "crc32c":
      return platform[plain];
    case "shuffle":
      return platform.shuffle(Number(configuration["elementsize"] ?? SHUFFLED_BY_DEFAULT));
    default:
      throw new TypeError(`the codec ${plain} is not supported`);
  }
}

/** The default of numcodecs' `elementsize`. */
const SHUFFLED_BY_DEFAULT = 4;
