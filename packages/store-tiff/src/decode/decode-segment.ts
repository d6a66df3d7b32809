/** What a tile or strip holds, and how it is compressed. */
export interface SegmentLayout {
  readonly compression: number;
  readonly predictor: number;
  readonly width: number;
  /** Rows that the segment has: fewer in the last strip. */
  readonly height: number;
  /** Samples of a pixel in this segment: 1 where each sample has segments of its own. */
  readonly samplesPerPixel: number;
  readonly bitsPerSample: number;
  readonly sampleFormat: "uint" | "int" | "float";
  readonly littleEndian: boolean;
  readonly fillOrder: 1 | 2;
  readonly jpegTables?: Uint8Array;
  readonly photometric: number;
  readonly ycbcrSubsampling?: [number, number];
}

export async function decodeSegment(
  bytes: Uint8Array,
  { width, height, samplesPerPixel, bitsPerSample }: SegmentLayout,
  _options?: { readonly signal?: AbortSignal | undefined },
): Promise<Uint8Array> {
  return bytes.subarray(0, (width * height * samplesPerPixel * bitsPerSample) / 8);
}

export function describeCompression(compression: number): { name: string; supported: boolean } {
  return { name: `compression ${compression}`, supported: compression === 1 };
}
