import {
  DamagedSegmentError,
  decodeJpegXrPicture,
  decodeLzw,
  decodePicture,
  decodeZstandard,
  isJpegXr,
  type JpegXrPicture,
  UnsupportedSegmentError,
} from "@ozx/virtual/decode";
import { COMPRESSION, nameOfCompression, type PixelType, pixelTypeOf } from "../parse/pixel-types.js";
import type { TileLayout } from "./region-layout.js";
import { isZstdFrame, parseZstd1, unpackHighLow } from "./zstd1.js";

type Tile = Pick<TileLayout, "compression" | "pixelType" | "width" | "height">;

/** Pixels of a JPEG XR picture for a tile that is smaller: it is cut, as libCZI does. */
const MOST_LARGER = 4;

/**
 * Decodes the pixels of a tile: samples little-endian, side by side, red, green and blue in this order. Uncompressed pixels
 * that are too few are followed by zeros, and those that are too many are cut, as the format's "resolution protocol" says.
 *
 * @throws DamagedSegmentError, UnsupportedSegmentError
 */
export async function decodeTile(stored: Uint8Array, tile: Tile): Promise<Uint8Array> {
  const type = pixelTypeOf(tile.pixelType);
  if (type === undefined) throw unsupported(`pixel type ${tile.pixelType}`);
  const size = tile.width * tile.height * type.samples * type.itemSize;
  switch (tile.compression) {
    case COMPRESSION.none:
      return swapColours(fill(stored, size), type);
    case COMPRESSION.jpeg:
      if (isRaw(stored, size, isJpeg(stored))) return swapColours(fill(stored, size), type);
      return decodeJpeg(stored, tile, type);
    case COMPRESSION.lzw:
      return swapColours(await decodeLzw(stored, size), type);
    case COMPRESSION.jpegXr:
      if (isRaw(stored, size, isJpegXr(stored))) return swapColours(fill(stored, size), type);
      return placeJpegXr(
        await decodeJpegXrPicture(stored, tile.width * tile.height * MOST_LARGER),
        tile,
        type,
      );
    case COMPRESSION.zstd0:
      if (isRaw(stored, size, isZstdFrame(stored))) return swapColours(fill(stored, size), type);
      return swapColours(await decodeZstandard(stored, { stored: size, mostStored: mostOf(size) }), type);
    case COMPRESSION.zstd1: {
      const header = parseZstd1(stored);
      if (isRaw(stored, size, header !== undefined)) return swapColours(fill(stored, size), type);
      if (header === undefined) throw new DamagedSegmentError("Zstandard", "has a header that is not known");
      const frame = stored.subarray(header.length);
      const bytes = await decodeZstandard(frame, { stored: size, mostStored: mostOf(size) });
      return swapColours(header.isHighLow ? unpackHighLow(bytes) : bytes, type);
    }
    default:
      throw unsupported(nameOfCompression(tile.compression));
  }
}

/** What a frame may come to: what is too much is cut, up to what a typed array can be expected to hold. */
function mostOf(size: number): number {
  return Math.max(size, Math.min(size * 2, 2 ** 31 - 1));
}

/** Some writers leave pixels as they are where compression would not make them smaller, and say that they did. */
function isRaw(stored: Uint8Array, size: number, isCompressed: boolean): boolean {
  return stored.length === size && !isCompressed;
}

function isJpeg(stored: Uint8Array): boolean {
  return stored[0] === 0xff && stored[1] === 0xd8;
}

/** Exactly so many bytes in memory of their own. */
function fill(stored: Uint8Array, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes.set(stored.subarray(0, size));
  return bytes;
}

/** From blue, green, red to red, green, blue, in place. */
function swapColours(bytes: Uint8Array, { samples, itemSize }: PixelType): Uint8Array {
  if (samples < 3) return bytes;
  const pixel = samples * itemSize;
  const blue = 2 * itemSize;
  for (let at = 0; at + pixel <= bytes.length; at += pixel) {
    for (let k = at; k < at + itemSize; k++) {
      const byte = bytes[k] as number;
      bytes[k] = bytes[k + blue] as number;
      bytes[k + blue] = byte;
    }
  }
  return bytes;
}

/** PhotometricInterpretation, as the decoder of TIFF's JPEG takes it. */
const BLACK_IS_ZERO = 1;
const YCBCR = 6;
const JPEG_IN_TIFF = 7;

/** JPEG is in red, green and blue already. */
async function decodeJpeg(stored: Uint8Array, { width, height }: Tile, type: PixelType): Promise<Uint8Array> {
  const layout = {
    compression: JPEG_IN_TIFF,
    predictor: 1,
    width,
    height,
    samplesPerPixel: type.samples,
    bitsPerSample: type.itemSize * 8,
    sampleFormat: type.kind,
    littleEndian: true,
    fillOrder: 1,
    photometric: type.samples === 1 ? BLACK_IS_ZERO : YCBCR,
  } as const;
  const size = width * height * type.samples * type.itemSize;
  return decodePicture("JPEG", stored, layout, {
    storedRow: size / height,
    stored: size,
    mostStored: size,
    sampleBytes: type.itemSize,
    decoded: size,
  });
}

/** A picture at the top left of its tile: what it has more is cut, and what it has less is 0 (resolution protocol). */
function placeJpegXr(picture: JpegXrPicture, { width, height }: Tile, type: PixelType): Uint8Array {
  const { samples, sampleBytes, isFloat, data } = picture;
  if (samples !== type.samples || sampleBytes !== type.itemSize || isFloat !== (type.kind === "float")) {
    const found = `${samples} samples of ${sampleBytes * 8} bits`;
    throw new DamagedSegmentError(
      "JPEG XR",
      `holds ${found} a pixel, unlike the ${type.name} that it is to be`,
    );
  }
  const pixel = samples * sampleBytes;
  const out = new Uint8Array(width * height * pixel);
  const row = Math.min(width, picture.width) * pixel;
  for (let y = 0; y < Math.min(height, picture.height); y++) {
    const from = y * picture.width * pixel;
    out.set(data.subarray(from, from + row), y * width * pixel);
  }
  return picture.isBgr ? swapColours(out, type) : out;
}

function unsupported(feature: string): UnsupportedSegmentError {
  return new UnsupportedSegmentError(feature, `has ${feature}, which is not supported`);
}
