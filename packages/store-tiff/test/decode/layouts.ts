import type { SegmentLayout } from "../../src/decode/decode-segment.js";

/** Gray pixels of 16 bits, which are not compressed. */
const GRAY: SegmentLayout = {
  compression: 1,
  predictor: 1,
  width: 16,
  height: 8,
  samplesPerPixel: 1,
  bitsPerSample: 16,
  sampleFormat: "uint",
  littleEndian: true,
  fillOrder: 1,
  photometric: 1,
};

export function grayLayout(layout: Partial<SegmentLayout> = {}): SegmentLayout {
  return { ...GRAY, ...layout };
}

/** RGB of 8 bits in the number of a compression. */
export function rgbLayout(compression: number, layout: Partial<SegmentLayout> = {}): SegmentLayout {
  return grayLayout({ compression, samplesPerPixel: 3, bitsPerSample: 8, photometric: 2, ...layout });
}
