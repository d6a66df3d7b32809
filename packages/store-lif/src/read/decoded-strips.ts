import type { ByteSource, ReadOptions } from "@ozx/core";
import { checkByteRange } from "@ozx/core/container";
import { createCache } from "@ozx/virtual";
import {
  DamagedSegmentError,
  decodeDeflate,
  decodeLzw,
  decodeStored,
  undoHorizontalPredictor,
} from "@ozx/virtual/decode";
import { isColour, type LifChannel } from "../parse/elements.js";
import type { TiffPage } from "../parse/tiff-page.js";
import { corruptPixels, type FileBlock } from "./lif-file.js";

/** How the strips of a page are stored. */
export interface StripSet extends Pick<TiffPage, "width" | "samples" | "compression" | "predictor"> {
  readonly sampleBytes: number;
  /** Those of the image, which say where its values are in the block. */
  readonly channels: readonly LifChannel[];
}

/** A strip in its file. */
export interface Strip extends FileBlock {
  readonly rows: number;
}

/** Bytes of strips that are kept decoded, as chunks are parts of them. */
const KEPT_BYTES = 64 * 1024 * 1024;
const ADOBE_DEFLATE = 8;
const DEFLATE = 32946;

/**
 * The pixels of strips, one behind the other, as bytes that are decoded when they are read.
 *
 * @param name of the file, for messages
 */
export function stripSource(name: string, form: StripSet, strips: readonly Strip[]): ByteSource {
  const { width, samples, sampleBytes, channels } = form;
  const pixelBytes = isColour(channels) ? samples * sampleBytes : sampleBytes;
  let size = 0;
  const placed = strips.map((strip) => {
    const at = size;
    const length = strip.rows * width * pixelBytes;
    size += length;
    return { strip, at, length };
  });
  const kept = createCache<number, Uint8Array>(KEPT_BYTES, ({ length }) => length);
  const decoded = async (k: number, strip: Strip, options?: ReadOptions): Promise<Uint8Array> => {
    const known = kept.get(k);
    if (known !== undefined) return known;
    const values = placeSamples(await decodeStrip(form, strip, options), form);
    kept.set(k, values);
    return values;
  };
  return {
    name,
    size,
    async read(offset, length, options) {
      checkByteRange({ name, size }, offset, length);
      const bytes = new Uint8Array(length);
      for (const [k, { strip, at, length: own }] of placed.entries()) {
        const [from, to] = [Math.max(offset, at), Math.min(offset + length, at + own)];
        if (from >= to) continue;
        const values = await decoded(k, strip, options);
        bytes.set(values.subarray(from - at, to - at), from - offset);
      }
      return bytes;
    },
    async close() {},
  };
}

/** @throws CorruptDataError */
async function decodeStrip(
  { width, samples, sampleBytes, compression, predictor }: StripSet,
  { source, offset, size, rows }: Strip,
  options?: ReadOptions,
): Promise<Uint8Array> {
  const stored = rows * width * samples * sampleBytes;
  const bytes = await source.read(offset, size, options);
  try {
    const values =
      compression === ADOBE_DEFLATE || compression === DEFLATE
        ? await decodeDeflate(bytes, { stored, mostStored: stored })
        : compression === 1
          ? decodeStored(bytes, stored)
          : // A copy, as the decoder's memory is used again.
            new Uint8Array(await decodeLzw(bytes, stored));
    if (predictor === 2) {
      undoHorizontalPredictor(values, sampleBytes, { rowSamples: width * samples, samplesPerPixel: samples });
    }
    return values;
  } catch (error) {
    if (!(error instanceof DamagedSegmentError)) throw error;
    throw corruptPixels(source, `a strip of ${rows} rows (${error.codec}) ${error.reason}`);
  }
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
