import { DamagedSegmentError, UnsupportedSegmentError } from "./segment-fault.js";

/** How the pixels of one segment (a strip or a tile) are stored, in the words of TIFF 6.0. */
export interface SegmentLayout {
  /** The value of Compression. */
  readonly compression: number;
  /** The value of Predictor: 1 none, 2 horizontal differences, 3 floating point. */
  readonly predictor: number;
  /** Pixels of a row: of a tile also those beyond the edge of the image. */
  readonly width: number;
  /** Rows of the segment: of the last strip only those that are in the image. */
  readonly height: number;
  /** Samples of a pixel in this segment: 1 where planes are stored apart (PlanarConfiguration 2). */
  readonly samplesPerPixel: number;
  readonly bitsPerSample: number;
  readonly sampleFormat: "uint" | "int" | "float";
  /** The file's byte order. */
  readonly littleEndian: boolean;
  /** Whether the bits of each byte are reversed: 2, which only compressions of bytes have. */
  readonly fillOrder: 1 | 2;
  /** The value of JPEGTables. */
  readonly jpegTables?: Uint8Array | undefined;
  /** What makes a JPEG of a segment that is only a part of one, as between two restarts. */
  readonly jpegHeader?: Uint8Array | undefined;
  /** The value of PhotometricInterpretation. What is YCbCr becomes RGB, all else is as it is stored. */
  readonly photometric: number;
  readonly ycbcrSubsampling?: readonly [number, number] | undefined;
  /**
   * Rows that the segment may come to: RowsPerStrip, as some writers fill up the last strip. `height` of them are taken.
   */
  readonly mostRows?: number | undefined;
  /**
   * The part of a tile that is in the image, where the tile reaches over its edge. Some writers make pictures (JPEG and
   * the like) of no more than that; zeros follow.
   */
  readonly inside?: { readonly width: number; readonly height: number } | undefined;
}

/** What the layout of a segment comes to, in bytes. */
export interface SegmentSize {
  /** Of a row as it is stored: rows of packed bits end at whole bytes. */
  readonly storedRow: number;
  /** Of all rows as they are stored, after decompression. */
  readonly stored: number;
  /** The most that a segment may come to after decompression. */
  readonly mostStored: number;
  /** Of a sample as it is returned: 1, 2, 4 or 8. */
  readonly sampleBytes: number;
  /** Of all pixels as they are returned. */
  readonly decoded: number;
}

/** The largest segment: what a typed array, WebAssembly and a thread can be expected to hold. */
const LARGEST = 2 ** 31 - 1;
/** What follows the pixels of a segment after decompression, and is left out as other readers do. */
const MOST_TRAILING = 65_536;

/**
 * Checks a layout, whose numbers come from a file, and says what it comes to.
 *
 * @throws DamagedSegmentError, UnsupportedSegmentError
 */
export function measureSegment(layout: SegmentLayout): SegmentSize {
  const { width, height, samplesPerPixel: samples, bitsPerSample: bits } = layout;
  for (const [what, value] of [
    ["columns", width],
    ["rows", height],
    ["samples per pixel", samples],
  ] as const) {
    if (!(Number.isSafeInteger(value) && value > 0)) {
      throw new DamagedSegmentError("any compression", `has ${value} ${what}`);
    }
  }
  const sampleBytes = decodedSampleBytes(layout);
  const storedRow = Math.ceil((width * samples * bits) / 8);
  const decoded = width * samples * height * sampleBytes;
  const stored = storedRow * height;
  if (decoded > LARGEST) {
    throw new UnsupportedSegmentError(
      "large segments",
      `has ${width} × ${height} pixels, which come to ${decoded} bytes: at most ${LARGEST} are decoded at once`,
    );
  }
  const rows = Math.max(height, layout.mostRows ?? height);
  const mostStored = Math.min(storedRow * rows + MOST_TRAILING, LARGEST);
  return { storedRow, stored, mostStored, sampleBytes, decoded };
}

/**
 * The bytes of a sample as `decodeSegment` returns it: samples of less than whole bytes are widened to 1, 2 or
 * 4 bytes, floats of 24 bits to 4.
 *
 * @throws UnsupportedSegmentError for samples that are not read
 */
export function decodedSampleBytes({
  bitsPerSample: bits,
  sampleFormat,
}: Pick<SegmentLayout, "bitsPerSample" | "sampleFormat">): number {
  const whole = bits === 8 || bits === 16 || bits === 32 || bits === 64;
  if (sampleFormat === "float" ? (whole && bits > 8) || bits === 24 : whole)
    return bits === 24 ? 4 : bits / 8;
  if (sampleFormat === "uint" && Number.isInteger(bits) && bits >= 1 && bits < 32) {
    return bits < 8 ? 1 : bits < 16 ? 2 : 4;
  }
  const type = sampleFormat === "uint" ? "unsigned" : sampleFormat === "int" ? "signed" : "float";
  throw new UnsupportedSegmentError(
    `${type} samples of ${bits} bits`,
    `has ${type} samples of ${bits} bits, which are not supported`,
  );
}
