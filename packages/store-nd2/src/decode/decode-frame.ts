import { CorruptDataError, type ReadOptions } from "@ozx/core";
import { DamagedChunkError, loadCodecs } from "@ozx/core/codecs";
import { decodePicture, measureSegment } from "@ozx/virtual/decode";

/** How rows of a frame become the rows of a chunk. Plain data, for any thread. */
export interface FrameLayout {
  readonly zlib: boolean;
  /** Rows that the bytes hold, the last of which may lack what fills it up. */
  readonly rows: number;
  /** Bytes from one row to the next. */
  readonly rowBytes: number;
  /** Bytes of the pixels of a row. */
  readonly pixelRow: number;
  /** Rows of the chunk: those that the bytes do not have are 0. */
  readonly chunkRows: number;
  /** Bytes of a component. */
  readonly itemSize: number;
  /** Which component each one of a pixel comes from; undefined where all stay where they are. */
  readonly order?: readonly number[] | undefined;
  /** Of a picture of JPEG 2000, which is decoded as it is; the other fields but `pixelRow` and `chunkRows` do not apply. */
  readonly picture?:
    | {
        readonly width: number;
        readonly height: number;
        readonly components: number;
        /** Bits of a component. */
        readonly precision: number;
      }
    | undefined;
}

/** Decodes rows of a frame: `decodeFrame`, here or in a thread. */
export type FrameDecoder = (
  bytes: Uint8Array,
  layout: FrameLayout,
  options?: ReadOptions,
) => Promise<Uint8Array>;

/** A frame does not decode to its rows. `reason` is the end of a sentence about it. */
export class DamagedFrameError extends CorruptDataError {
  /** The end of a sentence about the frame, as "is truncated". */
  readonly reason: string;

  constructor(reason: string, options?: { cause?: unknown }) {
    super(`A frame of pixels ${reason}.`, { location: "frame of pixels" }, options);
    this.reason = reason;
  }
}

/** No zlib stream comes to more than so many times its bytes. */
const MOST_RATIO = 1032;

/**
 * Makes the rows of a chunk: without what fills up the rows of the file, and with the components of a pixel in another
 * order. It is a function of its arguments only, for any thread.
 *
 * @returns little-endian pixels, row by row, whose components lie side by side, in memory of its own
 * @throws DamagedFrameError where the bytes do not decode to these rows
 * @throws DamagedSegmentError, UnsupportedSegmentError for pictures
 */
export async function decodeFrame(
  bytes: Uint8Array,
  layout: FrameLayout,
  options?: ReadOptions,
): Promise<Uint8Array> {
  options?.signal?.throwIfAborted();
  const { rows, rowBytes, pixelRow, chunkRows, itemSize, order, picture } = layout;
  if (picture !== undefined) return decodeJpeg2000(bytes, picture);
  const stored = layout.zlib ? await inflate(bytes, rows * rowBytes) : bytes;
  const needed = (rows - 1) * rowBytes + pixelRow;
  if (stored.length < needed)
    throw new DamagedFrameError(`has ${stored.length} bytes, which needs ${needed}`);
  const pixels = new Uint8Array(chunkRows * pixelRow);
  for (let y = 0; y < rows; y++) {
    const row = stored.subarray(y * rowBytes, y * rowBytes + pixelRow);
    if (order === undefined) pixels.set(row, y * pixelRow);
    else copyOrdered(row, pixels.subarray(y * pixelRow, (y + 1) * pixelRow), order, itemSize);
  }
  return pixels;
}

/** PhotometricInterpretation, as the decoder of TIFF's pictures takes it. */
const BLACK_IS_ZERO = 1;
const RGB = 2;
const JPEG2000_IN_TIFF = 34712;

/** @returns samples of a pixel side by side, in the order of the picture */
async function decodeJpeg2000(
  bytes: Uint8Array,
  { width, height, components, precision }: NonNullable<FrameLayout["picture"]>,
): Promise<Uint8Array> {
  const sampleBytes = precision <= 8 ? 1 : 2;
  const layout = {
    compression: JPEG2000_IN_TIFF,
    predictor: 1,
    width,
    height,
    samplesPerPixel: components,
    bitsPerSample: 8 * sampleBytes,
    sampleFormat: "uint",
    littleEndian: true,
    fillOrder: 1,
    photometric: components === 1 ? BLACK_IS_ZERO : RGB,
  } as const;
  return decodePicture("JPEG 2000", bytes, layout, measureSegment(layout));
}

async function inflate(bytes: Uint8Array, size: number): Promise<Uint8Array> {
  if (size > MOST_RATIO * bytes.length) {
    throw new DamagedFrameError(`has ${bytes.length} compressed bytes, which cannot come to ${size}`);
  }
  const { zlib } = await loadCodecs();
  try {
    return zlib.decode(bytes, { atMost: size });
  } catch (error) {
    if (!(error instanceof DamagedChunkError)) throw error;
    throw new DamagedFrameError(error.reason, { cause: error });
  }
}

function copyOrdered(from: Uint8Array, to: Uint8Array, order: readonly number[], itemSize: number): void {
  const pixel = order.length * itemSize;
  for (let at = 0; at < from.length; at += pixel) {
    for (let k = 0; k < order.length; k++) {
      const source = at + (order[k] as number) * itemSize;
      for (let byte = 0; byte < itemSize; byte++)
        to[at + k * itemSize + byte] = from[source + byte] as number;
    }
  }
}
