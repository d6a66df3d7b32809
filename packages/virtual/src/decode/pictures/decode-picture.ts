import type { SegmentLayout, SegmentSize } from "../segment-layout.js";
import type { JpegXrPicture } from "./jpeg-xr.js";
import { type Picture, placePicture } from "./picture.js";

/** Compressions of pictures, which know their own size and type. Predictor, FillOrder and byte order do not apply to them. */
export type PictureCompression = "JPEG" | "JPEG 2000" | "WebP" | "LERC";

/**
 * Decodes a segment that is a picture, with a library that is loaded when the first one comes.
 *
 * @returns as `decodeSegment`
 * @throws DamagedSegmentError, UnsupportedSegmentError
 */
export async function decodePicture(
  name: PictureCompression,
  bytes: Uint8Array,
  layout: SegmentLayout,
  { sampleBytes }: SegmentSize,
): Promise<Uint8Array> {
  return placePicture(await decode(name, bytes, layout, sampleBytes), layout, sampleBytes);
}

/**
 * Decodes JPEG XR, whose library is loaded when the first picture comes.
 *
 * @throws DamagedSegmentError, UnsupportedSegmentError
 */
export async function decodeJpegXrPicture(bytes: Uint8Array, mostPixels: number): Promise<JpegXrPicture> {
  return (await import("./jpeg-xr.js")).decodeJpegXr(bytes, mostPixels);
}

async function decode(
  name: PictureCompression,
  bytes: Uint8Array,
  layout: SegmentLayout,
  sampleBytes: number,
): Promise<Picture> {
  switch (name) {
    case "JPEG":
      return (await import("./jpeg.js")).decodeJpeg(bytes, layout);
    case "JPEG 2000":
      return (await import("./jpeg2000.js")).decodeJpeg2000(bytes, layout, sampleBytes);
    case "WebP":
      return (await import("./webp.js")).decodeWebP(bytes, layout);
    case "LERC":
      return (await import("./lerc.js")).decodeLerc(bytes, layout, sampleBytes);
  }
}
