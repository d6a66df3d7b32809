import { crc32c, shuffleBits, shuffleBytes } from "./byte-filters.js";
import type { Codec, CodecPlatform } from "./codec.js";

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

/** The compressors of Blosc that can be written; all of them can be read. */
export const BLOSC_COMPRESSORS = ["lz4", "zstd", "zlib"] as const;
export type BloscCompressor = (typeof BLOSC_COMPRESSORS)[number];
export type BloscShuffle = "noshuffle" | "shuffle" | "bitshuffle";

/** The members of the `blosc` codec's configuration (Zarr v3). */
export interface BloscOptions {
  readonly typesize: number;
  readonly cname: BloscCompressor;
  readonly clevel: number;
  readonly shuffle: BloscShuffle;
}

/**
 * Compresses into a frame of Blosc 1. The frame is put together here and not by numcodecs, whose blosc (0.3.2)
 * takes every element to have 4 bytes and so shuffles all others badly.
 *
 * ```
 *  0  1  version of the format, 2     4  4  bytes
 *  1  1  version of the compressor    8  4  bytes of a block
 *  2  1  flags                       12  4  bytes of the frame
 *  3  1  bytes of an element         16  .  where each block starts, then the blocks
 * ```
 *
 * A block is its compressed length and its compressed bytes, or its bytes as they are where the length says so.
 */
export async function encodeBlosc(
  bytes: Uint8Array,
  options: BloscOptions,
  platform: CodecPlatform,
): Promise<Uint8Array> {
  const { typesize, clevel, cname } = options;
  const filter = filterOf(options);
  const blockSize = Math.min(bytes.length, BLOCK);
  const starts: number[] = [];
  const blocks: Uint8Array[] = [];
  let length = HEADER_SIZE + 4 * Math.ceil(bytes.length / BLOCK);
  for (let from = 0; clevel > 0 && from < bytes.length; from += BLOCK) {
    const filtered = filter.apply(bytes.subarray(from, from + BLOCK));
    const compressed = await compress(filtered, cname, clevel, platform);
    const block = compressed.length < filtered.length ? compressed : filtered;
    starts.push(length);
    blocks.push(block);
    length += 4 + block.length;
  }
  const asIs = clevel === 0 || length >= HEADER_SIZE + bytes.length;
  const frame = new Uint8Array(asIs ? HEADER_SIZE + bytes.length : length);
  const view = new DataView(frame.buffer);
  frame[0] = 2;
  frame[1] = 1;
  frame[2] = filter.flag | (asIs ? FLAG_AS_IS : FLAG_DONT_SPLIT) | (FORMATS[cname] << 5);
  frame[3] = typesize;
  view.setUint32(4, bytes.length, true);
  view.setUint32(8, blockSize, true);
  view.setUint32(12, frame.length, true);
  if (asIs) {
    frame.set(bytes, HEADER_SIZE);
    return frame;
  }
  blocks.forEach((block, k) => {
    const at = starts[k] as number;
    view.setUint32(HEADER_SIZE + 4 * k, at, true);
    view.setUint32(at, block.length, true);
    frame.set(block, at + 4);
  });
  return frame;
}

const HEADER_SIZE = 16;
/** A power of two that all element sizes divide, and that fits into a core's cache. */
const BLOCK = 256 * 1024;
const FLAG_SHUFFLE = 0x1;
const FLAG_AS_IS = 0x2;
const FLAG_BITSHUFFLE = 0x4;
/** A block is one piece, and not one for each byte of an element. */
const FLAG_DONT_SPLIT = 0x10;
const FORMATS: Readonly<Record<BloscCompressor, number>> = { lz4: 1, zlib: 3, zstd: 4 };

function filterOf({ shuffle, typesize }: BloscOptions): {
  readonly flag: number;
  apply(block: Uint8Array): Uint8Array;
} {
  if (shuffle === "bitshuffle") {
    return { flag: FLAG_BITSHUFFLE, apply: (block) => shuffleBits(block, typesize) };
  }
  if (shuffle === "shuffle" && typesize > 1) {
    return { flag: FLAG_SHUFFLE, apply: (block) => shuffleBytes(block, typesize) };
  }
  return { flag: 0, apply: (block) => block };
}

/** Levels become those of the compressors as c-blosc translates them. */
function compress(
  block: Uint8Array,
  cname: BloscCompressor,
  level: number,
  platform: CodecPlatform,
): Promise<Uint8Array> {
  switch (cname) {
    case "zstd":
      return platform.encode("zstd", { level: level < 9 ? level * 2 - 1 : 22 }, block);
    case "zlib":
      return platform.deflate.deflate(block, "deflate", level);
    case "lz4":
      // numcodecs puts the length before the block, which Blosc knows already.
      return platform.encode("lz4", { acceleration: 10 - level }, block).then((bytes) => bytes.subarray(4));
  }
}
