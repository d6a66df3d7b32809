import type { ByteSource, ReadOptions } from "@ozx/core";
import {
  directoryBytes,
  parseNumbers,
  parseTiffPage,
  parseTiffStart,
  TIFF_START,
  type TiffNumbers,
} from "../parse/tiff-page.js";
import { decodedBlock, type PictureUse, type Strip, type StripSet } from "./decoded-strips.js";
import type { FileBlock } from "./lif-file.js";

/** Bytes of a directory that are read with its number of entries: most have some dozen. */
const DIRECTORY = 512;
/** Pages of a file, at most. */
const MOST_PAGES = 65_536;

/**
 * Where the pixels of a TIFF are that holds a part of a block: its pages one behind the other, of which gray ones that are
 * not compressed are read as they are.
 *
 * @param use of the image
 * @returns runs of bytes, or why there are none, as the end of a sentence about the file
 */
export async function locateTiff(
  source: ByteSource,
  use: PictureUse,
  options?: ReadOptions,
): Promise<FileBlock[] | string> {
  const { size } = source;
  const read = (at: number, length: number): Promise<Uint8Array> =>
    source.read(Math.min(at, size), Math.max(0, Math.min(length, size - at)), options);
  const first = parseTiffStart(await read(0, TIFF_START));
  if (first === undefined) return "which is not a TIFF in little-endian";
  const runs: FileBlock[] = [];
  const seen = new Set<number>();
  for (let at = first; at !== 0; ) {
    options?.signal?.throwIfAborted();
    if (seen.has(at) || seen.size >= MOST_PAGES) return "which is damaged";
    seen.add(at);
    let directory = await read(at, DIRECTORY);
    const entries = (directory[0] ?? 0) + 256 * (directory[1] ?? 0);
    if (directoryBytes(entries) > directory.length) directory = await read(at, directoryBytes(entries));
    const page = parseTiffPage(directory, at);
    if (typeof page === "string") return page;
    const numbersOf = async (numbers: TiffNumbers): Promise<number[] | undefined> => {
      const bytes = await read(numbers.at, numbers.count * numbers.itemSize);
      return bytes.length === numbers.count * numbers.itemSize ? parseNumbers(bytes, numbers) : undefined;
    };
    const [offsets, sizes, bits] = await Promise.all(
      [page.offsets, page.sizes, page.bits].map((numbers) => numbersOf(numbers)),
    );
    if (offsets === undefined || sizes === undefined || bits === undefined) return "which is damaged";
    const stored = offsets.map((offset, k): FileBlock => ({ source, offset, size: sizes[k] ?? 0 }));
    if (stored.some((strip) => strip.offset + strip.size > size)) return "which is damaged";
    if (page.compression === 1 && page.samples === 1) runs.push(...stored);
    else {
      const [sampleBits = 0] = bits;
      const { height, rowsPerStrip } = page;
      if (bits.some((other) => other !== sampleBits) || ![8, 16, 32].includes(sampleBits)) {
        return `which has samples of ${bits.join(", ")} bits`;
      }
      const form: StripSet = { ...page, sampleBytes: sampleBits / 8, ...use };
      if (Math.ceil(height / rowsPerStrip) !== stored.length) return "which is damaged";
      const strips = stored.map(
        (strip, k): Strip => ({
          ...strip,
          rows: Math.min(rowsPerStrip, height - k * rowsPerStrip),
        }),
      );
      const block = decodedBlock(source.name, form, strips);
      if (typeof block === "string") return block;
      runs.push(block);
    }
    at = page.next;
  }
  return joinNeighbours(runs);
}

/** Runs that follow one another as one. */
function joinNeighbours(runs: readonly FileBlock[]): FileBlock[] {
  const joined: (FileBlock & { size: number })[] = [];
  for (const run of runs) {
    const last = joined.at(-1);
    if (last?.source === run.source && last.offset + last.size === run.offset) last.size += run.size;
    else joined.push({ ...run });
  }
  return joined;
}
