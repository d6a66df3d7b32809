import { UnsupportedError } from "../../errors.js";
import { DamagedChunkError, wrongSizeError } from "../fault.js";
import { type DecodedSize, isSize } from "../size.js";

/**
 * The header of a frame of Blosc 1 (c-blosc, README_CHUNK_FORMAT.rst):
 *
 * ```
 *  0  1  version of the format, 2     4  4  bytes of the chunk
 *  1  1  version of the compressor    8  4  bytes of a block
 *  2  1  flags                       12  4  bytes of the frame
 *  3  1  bytes of an element         16  .  where each block starts, then the blocks
 * ```
 */
export interface BloscHeader {
  readonly flags: number;
  readonly itemSize: number;
  /** Bytes of the chunk, of a block (the last one may be smaller) and of the frame. */
  readonly size: number;
  readonly blockSize: number;
  readonly frameSize: number;
  readonly blocks: number;
}

export const HEADER_SIZE = 16;
export const FORMAT_VERSION = 2;
export const COMPRESSOR_VERSION = 1;
export const FLAG_SHUFFLE = 0x1;
/** The bytes are not compressed, nor are they shuffled, whatever the other flags say. */
export const FLAG_AS_IS = 0x2;
export const FLAG_BITSHUFFLE = 0x4;
/** Reserved: c-blosc refuses it. */
const FLAG_RESERVED = 0x8;
/** A block is one stream, and not one for each byte of an element. */
export const FLAG_DONT_SPLIT = 0x10;

/** Compressors by their number in the upper three bits of the flags; lz4hc writes what lz4 reads. */
const COMPRESSORS = ["blosclz", "lz4", "snappy", "zlib", "zstd"];

/**
 * Reads a frame's header and checks every size in it against the frame and against the chunk, before anything is
 * allocated. Frames may be followed by other bytes, as c-blosc takes them.
 *
 * @throws DamagedChunkError; UnsupportedError for snappy, and for what c-blosc does not know yet
 */
export function readHeader(frame: Uint8Array, expected: DecodedSize): BloscHeader {
  const damaged = (reason: string): DamagedChunkError => new DamagedChunkError("blosc", reason);
  if (frame.length < HEADER_SIZE) throw damaged(`has ${frame.length} bytes, too few for a header`);
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const version = view.getUint8(0);
  const flags = view.getUint8(2);
  const itemSize = view.getUint8(3);
  const size = view.getUint32(4, true);
  const blockSize = view.getUint32(8, true);
  const frameSize = view.getUint32(12, true);
  if (version !== FORMAT_VERSION)
    throw damaged(`is of version ${version} of its format, not of ${FORMAT_VERSION}`);
  if (!isSize(size, expected)) {
    if (typeof expected === "number") throw wrongSizeError("blosc", size, expected);
    throw damaged(`decodes to more than ${expected.atMost} bytes`);
  }
  if (frameSize > frame.length) throw damaged(`is cut short: it has ${frame.length} bytes of ${frameSize}`);
  if (frameSize < HEADER_SIZE) throw damaged(`claims to have ${frameSize} bytes, too few for a header`);
  const header = { flags, itemSize, size, blockSize, frameSize };
  if (size === 0) return { ...header, blocks: 0 };

  if (flags & FLAG_RESERVED) throw damaged("has a flag that no version of blosc has");
  if (itemSize === 0) throw damaged("has elements of 0 bytes");
  if (blockSize === 0 || blockSize > size) throw damaged(`has blocks of ${blockSize} bytes in ${size}`);
  const blocks = Math.ceil(size / blockSize);
  if (flags & FLAG_AS_IS) {
    if (frameSize !== size + HEADER_SIZE)
      throw damaged(`has ${frameSize} bytes for ${size} that are not compressed`);
    return { ...header, blocks };
  }
  const compressor = COMPRESSORS[flags >> 5];
  if (compressor === undefined) throw damaged(`has the compressor ${flags >> 5}, which does not exist`);
  if (compressor === "snappy") {
    throw new UnsupportedError(
      "A blosc chunk is compressed with snappy, which is not supported; zarr-python with a numcodecs that has snappy can rewrite the array with another compressor.",
      { location: "blosc chunk", feature: "blosc with snappy" },
    );
  }
  if (view.getUint8(1) !== COMPRESSOR_VERSION)
    throw damaged(`has version ${view.getUint8(1)} of ${compressor}`);
  if (blocks > (frameSize - HEADER_SIZE) / 4)
    throw damaged(`is too short for where its ${blocks} blocks start`);
  return { ...header, blocks };
}
