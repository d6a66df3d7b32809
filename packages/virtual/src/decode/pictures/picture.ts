import { DamagedSegmentError, UnsupportedSegmentError } from "../segment-fault.js";
import type { SegmentLayout } from "../segment-layout.js";

/** What a codec of pictures has decoded. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Samples of a pixel, side by side. */
  readonly samples: number;
  /** Rows without gaps, samples little-endian. */
  readonly data: Uint8Array;
}

/** What is known of a picture before it is decoded. */
export interface PictureHeader {
  readonly width: number;
  readonly height: number;
  readonly samples: number;
}

/**
 * Compares what a picture says of itself with the layout of its segment, before memory is allocated for it.
 *
 * @throws DamagedSegmentError
 */
export function checkPicture(name: string, picture: PictureHeader, layout: SegmentLayout): void {
  const { width, height, mostRows = height, inside, samplesPerPixel } = layout;
  const fits =
    (picture.width === width || picture.width === inside?.width) &&
    ((picture.height >= height && picture.height <= Math.max(height, mostRows)) ||
      picture.height === inside?.height);
  if (!fits) {
    throw new DamagedSegmentError(
      name,
      `holds ${picture.width} × ${picture.height} pixels and not ${width} × ${height}`,
    );
  }
  if (picture.samples !== samplesPerPixel) {
    throw new DamagedSegmentError(
      name,
      `holds ${picture.samples} samples per pixel and not ${samplesPerPixel}`,
    );
  }
}

/**
 * The pixels of a segment from a picture that {@link checkPicture} has let pass: rows too many are left out, and what is
 * outside of the image is 0.
 */
export function placePicture(
  picture: Picture,
  { width, height }: SegmentLayout,
  sampleBytes: number,
): Uint8Array {
  const pixel = picture.samples * sampleBytes;
  const from = picture.width * pixel;
  const to = width * pixel;
  if (from === to && picture.data.length === to * height) return picture.data;
  const out = new Uint8Array(to * height);
  for (let row = 0; row < Math.min(height, picture.height); row++) {
    out.set(picture.data.subarray(row * from, row * from + Math.min(from, to)), row * to);
  }
  return out;
}

/** @throws UnsupportedSegmentError for samples that a codec does not have */
export function requireBytes(name: string, { bitsPerSample, sampleFormat }: SegmentLayout): void {
  if (bitsPerSample === 8 && sampleFormat === "uint") return;
  throw unsupportedPicture(name, `${sampleFormat} samples of ${bitsPerSample} bits`);
}

/** The error for pictures of a kind that is not read. `kind` follows "has" and "with". */
export function unsupportedPicture(name: string, kind: string): UnsupportedSegmentError {
  return new UnsupportedSegmentError(
    `${name} with ${kind}`,
    `is ${name} with ${kind}, which is not supported`,
  );
}
