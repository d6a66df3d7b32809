import type { Codecs } from "../codecs/codecs.js";
import { copyBox, stridesOf } from "../image/copy-box.js";
import { countElements } from "../image/grid-order.js";
import { fillPixels, isFilledWith, pixelsOfBytes } from "../image/pixel-values.js";
import type { Codec } from "../zarr/codec/codec.js";
import { encodeBytes } from "../zarr/codec/encode-bytes.js";

/** How chunks are assembled from blocks of pixels and encoded, as data that another thread can be sent. */
export interface AssembleTask {
  readonly kind: "assemble";
  /** The name of the blocks' typed array, as in `Uint16Array`. */
  readonly pixels: string;
  /** Bytes of a pixel. */
  readonly itemSize: number;
  readonly chunkShape: readonly number[];
  /** What pixels are that no block has. */
  readonly fill: number | bigint;
  /** Codecs of bytes, in the order of encoding: at least one. */
  readonly codecs: readonly Codec[];
}

/** A box of a block that goes into a chunk. All lists are in pixels, one number an axis. */
export interface BlockPart {
  /** The pixels of the block, in C order and in the machine's byte order: in memory that threads share. */
  readonly bytes: Uint8Array;
  readonly shape: readonly number[];
  /** The first pixel of the box in the block, and where it goes in the chunk. */
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly extents: readonly number[];
}

/** Memory for chunks that are not encoded yet, which is used again: encoders that wait have one each. */
const spare: Uint8Array[] = [];
const MOST_SPARE = 2;

/**
 * Copies parts of blocks into a chunk and encodes it.
 *
 * @param parts do not overlap
 * @returns undefined where all pixels have the fill value
 */
export async function assembleChunk(
  { pixels, itemSize, chunkShape, fill, codecs }: AssembleTask,
  parts: readonly BlockPart[],
  platform: Codecs,
): Promise<Uint8Array | undefined> {
  const size = countElements(chunkShape) * itemSize;
  const at = spare.findIndex(({ length }) => length === size);
  const chunk = at < 0 ? new Uint8Array(size) : (spare.splice(at, 1)[0] ?? new Uint8Array(size));
  const values = pixelsOfBytes(pixels, chunk);
  const covered = parts.reduce((sum, { extents }) => sum + countElements(extents), 0);
  if (covered * itemSize < size) fillPixels(values, fill);
  const toStrides = stridesOf(chunkShape, itemSize);
  for (const { bytes, shape, from, to, extents } of parts) {
    const fromStrides = stridesOf(shape, itemSize);
    copyBox(bytes, chunk, {
      ...{ itemSize, extents, fromStrides, toStrides },
      fromStart: startOf(from, fromStrides),
      toStart: startOf(to, toStrides),
    });
  }
  const encoded = isFilledWith(values, fill) ? undefined : await encodeBytes(codecs, chunk, platform);
  if (encoded?.buffer === chunk.buffer) return encoded;
  if (spare.length >= MOST_SPARE) spare.shift();
  spare.push(chunk);
  return encoded;
}

function startOf(position: readonly number[], strides: readonly number[]): number {
  return position.reduce((sum, at, axis) => sum + at * (strides[axis] ?? 0), 0);
}
