import type { ByteSource, ReadOptions } from "@ozx/core";
import { DamagedSegmentError, readJpegHeader } from "@ozx/virtual/decode";
import { decodedBlock, JPEG, type PictureUse } from "./decoded-strips.js";
import type { FileBlock } from "./lif-file.js";

/** Bytes that the header of a JPEG may have, with what programs put into it. */
const LONGEST_HEADER = 1024 * 1024;
/** Frames of ITU-T T.81 that are read: baseline, extended and progressive, with Huffman codes. */
const FRAMES: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2]);

/**
 * The pixels of a JPEG that holds a part of a block, which are decoded when they are read.
 *
 * @param use of the image
 * @returns why they cannot be read, as the end of a sentence about the file
 */
export async function locateJpeg(
  source: ByteSource,
  use: PictureUse,
  options?: ReadOptions,
): Promise<FileBlock[] | string> {
  const { name, size } = source;
  const start = await source.read(0, Math.min(size, LONGEST_HEADER), options);
  try {
    const { frame, precision, width, height, components: samples } = readJpegHeader(start);
    if (!FRAMES.has(frame) || precision !== 8 || (samples !== 1 && samples !== 3)) {
      return "which is a JPEG of a kind that is not read";
    }
    const form = { width, samples, compression: JPEG, predictor: 1, sampleBytes: 1, ...use };
    const block = decodedBlock(name, form, [{ source, offset: 0, size, rows: height }]);
    return typeof block === "string" ? block : [block];
  } catch (error) {
    if (error instanceof DamagedSegmentError) return "which is damaged";
    throw error;
  }
}
