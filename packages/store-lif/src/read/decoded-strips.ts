import type { ByteSource, ReadOptions } from "@ozx/core";
import { checkByteRange } from "@ozx/core/container";
import type { Cache } from "@ozx/virtual";
import {
  DamagedSegmentError,
  decodeDeflate,
  decodeLzw,
  decodePicture,
  decodeStored,
  measureSegment,
  type SegmentLayout,
  undoHorizontalPredictor,
} from "@ozx/virtual/decode";
import { isColour, type LifChannel } from "../parse/elements.js";
import type { TiffPage } from "../parse/tiff-page.js";
import { corruptPixels, type FileBlock } from "./lif-file.js";

/** What is known of the pictures of an image before they are opened. */
export interface PictureUse {
  /** Those of the image, which say where its values are in the block. */
  readonly channels: readonly LifChannel[];
  /** Strips of all pictures of a project that are decoded, as chunks are parts of them. */
  readonly kept: Cache<object, Uint8Array>;
}

/** How the strips of a page are stored; a JPEG is one strip, with the compression that TIFF has for it. */
export interface StripSet
  extends PictureUse,
    Pick<TiffPage, "width" | "samples" | "compression" | "predictor"> {
  readonly sampleBytes: number;
}

/** A strip in its file. */
export interface Strip extends FileBlock {
  readonly rows: number;
}

const ADOBE_DEFLATE = 8;
const DEFLATE = 32946;
/** The value of Compression for JPEG. */
export const JPEG = 7;
const [MIN_IS_BLACK, YCBCR] = [1, 6];
const LARGEST_STRIP = 2 ** 30;
/** How many bytes may come of one: LZW, Deflate and JPEG make fewer. */
const MOST_RATIO = 4096;

/**
 * The pixels of strips, one behind the other, as a run of bytes that are decoded when they are read.
 *
 * @param name of the file, for messages
 * @returns why they cannot be read, as the end of a sentence about the file
 */
export function decodedBlock(name: string, form: StripSet, strips: readonly Strip[]): FileBlock | string {
  const rowBytes = form.width * form.samples * form.sampleBytes;
  if (form.samples === 3 && !fitsColours(form)) return "which is in colour, unlike its image";
  if (rowBytes === 0) return "which is damaged";
  if (strips.some(({ rows }) => rows * rowBytes > LARGEST_STRIP)) return "which has large strips";
  if (strips.some(({ rows, size }) => rows * rowBytes > size * MOST_RATIO)) return "which is damaged";
  const source = stripSource(name, form, strips);
  const storedBytes = strips.reduce((sum, { size }) => sum + size, 0);
  return { source, offset: 0, size: source.size, storedBytes };
}

/** Whether colours lie side by side in the block as well; of a gray image that was saved in colour all are the same. */
function fitsColours({ channels, sampleBytes }: StripSet): boolean {
  if (channels.length === 1) return true;
  const offsets = channels.map(({ offset }) => offset).sort((a, b) => a - b);
  return isColour(channels) && offsets.every((offset, k) => offset === k * sampleBytes);
}

function stripSource(name: string, form: StripSet, strips: readonly Strip[]): ByteSource {
  const { width, samples, sampleBytes, channels, kept } = form;
  const pixelBytes = isColour(channels) ? samples * sampleBytes : sampleBytes;
  let size = 0;
  const placed = strips.map((strip) => {
    const at = size;
    const length = strip.rows * width * pixelBytes;
    size += length;
    return { strip, at, length };
  });
  const decoded = async (strip: Strip, options?: ReadOptions): Promise<Uint8Array> => {
    const known = kept.get(strip);
    if (known !== undefined) return known;
    const values = placeSamples(await decodeStrip(form, strip, options), form);
    kept.set(strip, values);
    return values;
  };
  return {
    name,
    size,
    async read(offset, length, options) {
      checkByteRange({ name, size }, offset, length);
      const bytes = new Uint8Array(length);
      for (const { strip, at, length: own } of placed) {
        const [from, to] = [Math.max(offset, at), Math.min(offset + length, at + own)];
        if (from >= to) continue;
        const values = await decoded(strip, options);
        bytes.set(values.subarray(from - at, to - at), from - offset);
      }
      return bytes;
    },
    async close() {},
  };
}

/** @throws CorruptDataError */
async function decodeStrip(
  form: StripSet,
  { source, offset, size, rows }: Strip,
  options?: ReadOptions,
): Promise<Uint8Array> {
  const { width, samples, sampleBytes, predictor } = form;
  const bytes = await source.read(offset, size, options);
  try {
    const values = await decompress(form, bytes, rows);
    if (predictor === 2) {
      undoHorizontalPredictor(values, sampleBytes, { rowSamples: width * samples, samplesPerPixel: samples });
    }
    return values;
  } catch (error) {
    if (!(error instanceof DamagedSegmentError)) throw error;
    throw corruptPixels(source, `a strip of ${rows} rows (${error.codec}) ${error.reason}`);
  }
}

async function decompress(form: StripSet, bytes: Uint8Array, rows: number): Promise<Uint8Array> {
  const { width, samples, sampleBytes, compression } = form;
  const stored = rows * width * samples * sampleBytes;
  switch (compression) {
    case ADOBE_DEFLATE:
    case DEFLATE:
      return decodeDeflate(bytes, { stored, mostStored: stored });
    case JPEG: {
      const layout = jpegLayout(form, rows);
      return decodePicture("JPEG", bytes, layout, measureSegment(layout));
    }
    case 1:
      return decodeStored(bytes, stored);
    default:
      // A copy, as the decoder's memory is used again.
      return new Uint8Array(await decodeLzw(bytes, stored));
  }
}

function jpegLayout({ width, samples, compression }: StripSet, height: number): SegmentLayout {
  return {
    compression,
    predictor: 1,
    width,
    height,
    samplesPerPixel: samples,
    bitsPerSample: 8,
    sampleFormat: "uint",
    littleEndian: true,
    fillOrder: 1,
    photometric: samples === 3 ? YCBCR : MIN_IS_BLACK,
  };
}

/**
 * The values where the block of the image has them: red, green and blue by the tags of its channels, which may be the
 * other way round there. Of a gray image that was saved in colour, all three are the same.
 */
function placeSamples(values: Uint8Array, { samples, sampleBytes, channels }: StripSet): Uint8Array {
  if (samples === 1) return values;
  const to = isColour(channels)
    ? [1, 2, 3].map((tag) => channels.find((channel) => channel.tag === tag)?.offset ?? 0)
    : [0];
  if (to.length === samples && to.every((offset, k) => offset === k * sampleBytes)) return values;
  const step = to.length * sampleBytes;
  const pixels = values.length / (samples * sampleBytes);
  const placed = new Uint8Array(pixels * step);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (const [sample, offset] of to.entries()) {
      for (let byte = 0; byte < sampleBytes; byte++) {
        placed[pixel * step + offset + byte] = values[(pixel * samples + sample) * sampleBytes + byte] ?? 0;
      }
    }
  }
  return placed;
}
