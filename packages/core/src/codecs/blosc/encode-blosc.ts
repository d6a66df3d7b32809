import { UsageError } from "../../errors.js";
import type { Engine } from "../engine/engine.js";
import { checkLevel } from "../levels.js";
import {
  COMPRESSOR_VERSION,
  FLAG_AS_IS,
  FLAG_BITSHUFFLE,
  FLAG_DONT_SPLIT,
  FLAG_SHUFFLE,
  FORMAT_VERSION,
  HEADER_SIZE,
} from "./blosc-header.js";

/** The compressors of Blosc that can be written; all but snappy can be read. */
export type BloscCompressor = "lz4" | "zstd" | "zlib";
/** Whether the bytes, or the bits, of all elements of a block are sorted by their significance before compression. */
export type BloscShuffle = "noshuffle" | "shuffle" | "bitshuffle";

/** The members of the `blosc` codec's configuration (Zarr v3). */
export interface BloscOptions {
  /** Bytes of an element, 1 to 255. */
  readonly typesize: number;
  /** What compresses the blocks. */
  readonly cname: BloscCompressor;
  /** 0 to 9. */
  readonly clevel: number;
  /** How a block is arranged before it is compressed. */
  readonly shuffle: BloscShuffle;
  /** Bytes of a block; 0 or nothing lets us choose. */
  readonly blocksize?: number | undefined;
}

/** Compresses one block with the compressors that the engine does not have. */
export type CompressBlock = (
  block: Uint8Array,
  cname: Exclude<BloscCompressor, "lz4">,
  level: number,
) => Uint8Array | Promise<Uint8Array>;

/** A power of two that all usual element sizes divide, and that fits into a core's cache. */
const BLOCK = 256 * 1024;
/** c-blosc's BLOSC_MAX_BUFFERSIZE. */
const LARGEST = 2 ** 31 - 1 - HEADER_SIZE;
/** Shorter chunks are not compressed by c-blosc either (MIN_BUFFERSIZE). */
const SHORTEST = 128;
const FORMATS: Readonly<Record<BloscCompressor, number>> = { lz4: 1, zlib: 3, zstd: 4 };

/**
 * Compresses into a frame of Blosc 1, as c-blosc does but for its splitting of blocks into one stream for each byte of
 * an element: one stream a block compresses better.
 *
 * @throws UsageError for levels and sizes that Blosc does not have
 */
export async function encodeBlosc(
  engine: Engine,
  bytes: Uint8Array,
  options: BloscOptions,
  compress: CompressBlock,
): Promise<Uint8Array> {
  const { typesize, clevel, cname, shuffle } = options;
  checkLevel(`blosc (${cname})`, clevel);
  if (!Number.isInteger(typesize) || typesize < 1 || typesize > 255) {
    throw new UsageError(`blosc has elements of 1 to 255 bytes, not of ${typesize}`);
  }
  if (bytes.length > LARGEST)
    throw new UsageError(`blosc compresses at most ${LARGEST} bytes, not ${bytes.length}`);
  const mode =
    shuffle === "bitshuffle" ? FLAG_BITSHUFFLE : shuffle === "shuffle" && typesize > 1 ? FLAG_SHUFFLE : 0;
  const blockSize = blockSizeOf(bytes.length, options);
  const blocks = bytes.length === 0 ? 0 : Math.ceil(bytes.length / blockSize);
  const frame = new Uint8Array(HEADER_SIZE + bytes.length);
  const view = new DataView(frame.buffer);
  let length = HEADER_SIZE + 4 * blocks;
  let asIs = clevel === 0 || bytes.length < SHORTEST;
  for (let k = 0; k < blocks && !asIs; k++) {
    const block = bytes.subarray(k * blockSize, (k + 1) * blockSize);
    // Whoever awaits shares the engine: what it gives is copied out before.
    let stored = runBlock(engine, block, {
      itemSize: typesize,
      mode,
      acceleration: cname === "lz4" ? 10 - clevel : 0,
    });
    if (cname !== "lz4") {
      const compressed = await compress(stored, cname, levelOf(cname, clevel));
      if (compressed.length < stored.length) stored = compressed;
    }
    if (length + 4 + stored.length >= frame.length) {
      asIs = true;
      break;
    }
    view.setUint32(HEADER_SIZE + 4 * k, length, true);
    view.setUint32(length, stored.length, true);
    frame.set(stored, length + 4);
    length += 4 + stored.length;
  }
  if (asIs) frame.set(bytes, HEADER_SIZE);
  const frameSize = asIs || blocks === 0 ? frame.length : length;
  frame[0] = FORMAT_VERSION;
  frame[1] = COMPRESSOR_VERSION;
  frame[2] = mode | (asIs || blocks === 0 ? FLAG_AS_IS : FLAG_DONT_SPLIT) | (FORMATS[cname] << 5);
  frame[3] = typesize;
  view.setUint32(4, bytes.length, true);
  view.setUint32(8, blocks === 0 ? 1 : blockSize, true);
  view.setUint32(12, frameSize, true);
  return frame.slice(0, frameSize);
}

function blockSizeOf(length: number, { blocksize = 0, typesize }: BloscOptions): number {
  if (!Number.isInteger(blocksize) || blocksize < 0)
    throw new UsageError(`${blocksize} is no block size of blosc`);
  const wanted = Math.min(blocksize > 0 ? Math.max(blocksize, SHORTEST) : BLOCK, length);
  // Eight whole elements, for the shuffle of bits.
  const unit = 8 * typesize;
  return wanted === length || wanted < unit ? wanted : wanted - (wanted % unit);
}

/** Levels of Blosc as c-blosc translates them. */
function levelOf(cname: "zstd" | "zlib", clevel: number): number {
  if (cname === "zlib") return clevel;
  return clevel < 9 ? clevel * 2 - 1 : 22;
}

/**
 * Shuffles one block and, where there is an acceleration, compresses it with lz4; what does not become smaller is only
 * shuffled.
 */
function runBlock(
  engine: Engine,
  block: Uint8Array,
  {
    itemSize,
    mode,
    acceleration,
  }: { readonly itemSize: number; readonly mode: number; readonly acceleration: number },
): Uint8Array {
  if (mode === 0 && acceleration === 0) return block;
  return engine.use("blosc", () => {
    const { length } = block;
    const bound = length + Math.ceil(length / 255) + 16;
    const [from = 0, to = 0, packed = 0] = engine.layOut("blosc", length, length, bound);
    const { instance } = engine;
    engine.heap.set(block, from);
    const byBits = mode === FLAG_BITSHUFFLE && length >= itemSize;
    if (byBits) instance.bitShuffle(from, to, packed, length, itemSize);
    else if (mode === FLAG_SHUFFLE) instance.shuffle(from, to, length, itemSize);
    const shuffled = byBits || mode === FLAG_SHUFFLE ? to : from;
    if (acceleration > 0) {
      const size = instance.lz4Encode(shuffled, length, packed, acceleration);
      if (size < length) return engine.heap.slice(packed, packed + size);
    }
    return engine.heap.slice(shuffled, shuffled + length);
  });
}
