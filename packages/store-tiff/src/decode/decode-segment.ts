import { IS_LITTLE_ENDIAN, swapBytes } from "@ozx/core/container";
import {
  decodeDeflate,
  decodeLzw,
  decodePicture,
  decodeStored,
  decodeZstandard,
  measureSegment,
  type PictureCompression,
  type SegmentLayout,
  type SegmentSize,
  UnsupportedSegmentError,
  undoHorizontalPredictor,
} from "@ozx/virtual/decode";
import { reverseBits } from "./bit-order.js";
import { type CompressionName, compressionName, describeCompression } from "./compressions.js";
import { undoFloatPredictor } from "./float-predictor.js";
import { decodePackBits } from "./packbits.js";
import { unpackBits, widen24, widenFloat24 } from "./packed-samples.js";

export type { SegmentLayout } from "@ozx/virtual/decode";
export { describeCompression } from "./compressions.js";

/** Options of {@link decodeSegment}. */
export interface DecodeOptions {
  readonly signal?: AbortSignal | undefined;
}

/** PhotometricInterpretation: luminance and two differences of colour. */
const YCBCR = 6;
/** Compression: none. */
const NONE = 1;

/**
 * Decodes one segment (a strip or a tile): undoes its compression and predictor, and brings its samples into one form.
 * It is a function of its arguments only, for any thread. No number in the bytes is trusted: nothing that is larger than
 * the layout says is allocated or returned.
 *
 * @param bytes as they are in the file; they are not changed
 * @returns `width` × `height` pixels, row by row, the samples of a pixel side by side, little-endian, in memory of its own.
 *   Samples have 1, 2, 4 or 8 bytes (`decodedSampleBytes`). What was YCbCr is RGB; nothing else is done to values
 * @throws DamagedSegmentError where the bytes do not decode to these pixels; UnsupportedSegmentError where they are stored
 *   in a way that is not read
 */
export async function decodeSegment(
  bytes: Uint8Array,
  layout: SegmentLayout,
  { signal }: DecodeOptions = {},
): Promise<Uint8Array> {
  signal?.throwIfAborted();
  const { name, size } = checkSegmentLayout(layout);
  if (isPicture(name)) {
    return decodePicture(name, bytes, layout, size);
  }
  const ordered = layout.fillOrder === 2 ? reverseBits(bytes) : bytes;
  return toSamples(await decompress(name, ordered, size), layout, size);
}

/**
 * Whether segments of a layout are decoded at all, as far as can be told without their bytes.
 *
 * @throws UnsupportedSegmentError where they are not; DamagedSegmentError for a layout that no segment has
 */
export function checkSegmentLayout(layout: SegmentLayout): {
  readonly name: CompressionName;
  readonly size: SegmentSize;
} {
  const name = compressionName(layout.compression);
  if (name === undefined) throw refused(layout.compression);
  const size = measureSegment(layout);
  if (!isPicture(name)) checkBytesLayout(name, layout);
  return { name, size };
}

function isPicture(name: CompressionName): name is PictureCompression {
  return name === "JPEG" || name === "JPEG 2000" || name === "WebP" || name === "LERC";
}

type BytesCompression = Exclude<CompressionName, PictureCompression>;

async function decompress(name: BytesCompression, bytes: Uint8Array, size: SegmentSize): Promise<Uint8Array> {
  switch (name) {
    case "none":
      return decodeStored(bytes, size.stored);
    case "LZW":
      return decodeLzw(bytes, size.stored);
    case "PackBits":
      return decodePackBits(bytes, size.stored);
    case "Deflate":
      return decodeDeflate(bytes, size);
    case "Zstandard":
      return decodeZstandard(bytes, size);
  }
}

/** Brings rows of samples as they are stored into the form that {@link decodeSegment} returns. */
function toSamples(stored: Uint8Array, layout: SegmentLayout, size: SegmentSize): Uint8Array {
  const { bitsPerSample: bits, samplesPerPixel, littleEndian, sampleFormat } = layout;
  const predictor = layout.compression === NONE ? 1 : layout.predictor;
  const rows = { rowSamples: layout.width * samplesPerPixel, samplesPerPixel };
  if (predictor === 3) {
    const values = undoFloatPredictor(stored, bits / 8, rows);
    return bits === 24 ? widenFloat24(values, true) : values;
  }
  if (bits === 24)
    return sampleFormat === "float" ? widenFloat24(stored, littleEndian) : widen24(stored, littleEndian);
  if (bits !== size.sampleBytes * 8) {
    const packed = { rowSamples: rows.rowSamples, storedRow: size.storedRow, bits };
    return toLittle(unpackBits(stored, packed, size.decoded), size.sampleBytes);
  }
  const bytes = aligned(stored, size.sampleBytes);
  if (predictor === 1) {
    if (!littleEndian) swapBytes(bytes, size.sampleBytes);
    return bytes;
  }
  if (littleEndian !== IS_LITTLE_ENDIAN) swapBytes(bytes, size.sampleBytes);
  undoHorizontalPredictor(bytes, size.sampleBytes, rows);
  return toLittle(bytes, size.sampleBytes);
}

function toLittle(bytes: Uint8Array, sampleBytes: number): Uint8Array {
  if (!IS_LITTLE_ENDIAN) swapBytes(bytes, sampleBytes);
  return bytes;
}

/**
 * Why pixels of a colour space are not read with a compression, as the end of a sentence; undefined where they are.
 */
export function refusedColour({
  compression,
  photometric,
}: Pick<SegmentLayout, "compression" | "photometric">): string | undefined {
  const name = compressionName(compression);
  if (photometric !== YCBCR || name === undefined || isPicture(name)) return undefined;
  const how = name === "none" ? "no compression" : `the compression ${name}`;
  return `is YCbCr with ${how}, which is only supported with JPEG and JPEG 2000`;
}

/** @throws UnsupportedSegmentError */
function checkBytesLayout(name: BytesCompression, layout: SegmentLayout): void {
  const { predictor, sampleFormat, bitsPerSample: bits } = layout;
  const colour = refusedColour(layout);
  if (colour !== undefined) throw new UnsupportedSegmentError("YCbCr without JPEG", colour);
  // Readers ignore the predictor of what is not compressed (libtiff, ImageJ), which Zeiss' LSM510 writes without applying it.
  if (predictor === 1 || name === "none") return;
  const whole = bits === 8 || bits === 16 || bits === 32 || bits === 64;
  if (predictor === 2 && whole) return;
  if (predictor === 3 && sampleFormat === "float") return;
  const what = `predictor ${predictor} with ${sampleFormat} samples of ${bits} bits`;
  throw new UnsupportedSegmentError(what, `has ${what}, which is not supported`);
}

function refused(compression: number): UnsupportedSegmentError {
  const { name, reason } = describeCompression(compression);
  const number = name === `compression ${compression}` ? "" : ` (${compression})`;
  return new UnsupportedSegmentError(name, `has ${name}${number} pixels, which are not supported: ${reason}`);
}

/** Bytes that typed arrays of `size` bytes can be laid on: the same, or a copy. */
function aligned(bytes: Uint8Array, size: number): Uint8Array {
  return bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
}
