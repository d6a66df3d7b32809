import type { ChunkCodec, Codecs } from "../../codecs/codecs.js";
import { type CodecName, DamagedChunkError } from "../../codecs/fault.js";
import { type DecodedSize, type EncodedChunk, isSize, mostBytes } from "../../codecs/size.js";
import { reasonOf } from "../../errors.js";
import { type Codec, plainName } from "./codec.js";

/**
 * Decodes bytes-to-bytes codecs. No length in a chunk is trusted, and decoding stops where more comes out than should.
 *
 * @param codecs in the order of encoding, all of them in `DECODABLE`
 * @param chunk its size is that of the decoded chunk, or the most that it may have; without codecs the result are its
 *   own bytes, wherever they should go
 * @returns the bytes, or what is wrong, as the end of a sentence about the chunk
 */
export function decodeBytes(
  codecs: readonly Codec[],
  chunk: EncodedChunk,
  platform: Codecs,
): Uint8Array | string {
  try {
    return decodeOrThrow(codecs, chunk, platform);
  } catch (error) {
    return error instanceof DamagedChunkError ? error.reason : decodeFailure(error);
  }
}

/** Memory for decoded chunks, used again for the next ones. Larger chunks get memory of their own. */
const LARGEST_SCRATCH = 32 * 1024 * 1024;
const scratches: [Uint8Array, Uint8Array] = [new Uint8Array(0), new Uint8Array(0)];

/**
 * This thread's memory for a decoded chunk, which the next one overwrites; undefined for large chunks.
 *
 * @param which of two, for chunks that are needed at the same time
 */
export function scratchOf(size: number, which: 0 | 1 = 0): Uint8Array | undefined {
  if (size > LARGEST_SCRATCH) return undefined;
  if (scratches[which].length < size) scratches[which] = new Uint8Array(size);
  return scratches[which];
}

/** Chunks whose bytes are only checked: that they decode to as many bytes as they should. */
export interface ChunkCheck {
  readonly kind: "check";
  /** In the order of encoding. */
  readonly codecs: readonly Codec[];
  /** Bytes of a decoded chunk. */
  readonly size: number;
}

/** What is wrong with a chunk, as the end of a sentence about it; undefined where nothing is. */
export function runChunkCheck(
  { codecs, size }: ChunkCheck,
  bytes: Uint8Array,
  platform: Codecs,
): string | undefined {
  try {
    viewOrThrow(codecs, { bytes, size }, platform);
    return undefined;
  } catch (error) {
    return error instanceof DamagedChunkError ? error.reason : decodeFailure(error);
  }
}

/**
 * Like {@link decodeBytes}.
 *
 * @throws DamagedChunkError; UnsupportedError for what is known and cannot be read
 */
export function decodeOrThrow(
  codecs: readonly Codec[],
  { bytes, size, into }: EncodedChunk,
  platform: Codecs | undefined,
): Uint8Array {
  let decoded = bytes;
  for (let k = codecs.length - 1; k > 0; k--) {
    decoded = codecOfBytes(codecs[k] as Codec, platform).decode(decoded, encodedRoom(size, k));
  }
  const [last] = codecs;
  if (last !== undefined) decoded = codecOfBytes(last, platform).decode(decoded, size, into);
  if (isSize(decoded.length, size)) return decoded;
  const name = plainName(last?.name ?? "bytes") as CodecName;
  throw new DamagedChunkError(
    name,
    typeof size === "number"
      ? wrongSize(decoded.length, size, "bytes")
      : `decodes to more than ${size.atMost} bytes`,
  );
}

/**
 * Like {@link decodeOrThrow}, but into memory of this thread, which decoding the next chunk overwrites, or the bytes
 * themselves.
 */
export function viewOrThrow(
  codecs: readonly Codec[],
  { bytes, size }: Pick<EncodedChunk, "bytes" | "size">,
  platform: Codecs | undefined,
): Uint8Array {
  const [codec] = codecs;
  const decoded =
    codec && codecs.length === 1 ? codecOfBytes(codec, platform).view?.(bytes, size) : undefined;
  return decoded ?? decodeOrThrow(codecs, { bytes, size, into: scratchOf(mostBytes(size)) }, platform);
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

function codecOfBytes(
  { name, configuration }: Codec,
  platform: Codecs | undefined,
): Pick<ChunkCodec<never>, "decode" | "view"> {
  if (platform === undefined) throw new TypeError("the codecs have not been loaded");
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
