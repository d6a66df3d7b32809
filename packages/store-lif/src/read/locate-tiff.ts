import type { ByteSource, ReadOptions } from "@ozx/core";
import {
  directoryBytes,
  parseNumbers,
  parseTiffStart,
  parseTiffStrips,
  TIFF_START,
  type TiffNumbers,
} from "../parse/tiff-strips.js";
import type { FileBlock } from "./lif-file.js";

/** Bytes of a directory that are read with its number of entries: most have some dozen. */
const DIRECTORY = 512;

/**
 * Where the pixels of a TIFF are that holds a part of a block as it is: of one page, gray, and not compressed.
 *
 * @returns runs of bytes, or why there are none, as the end of a sentence about the file
 */
export async function locateTiff(source: ByteSource, options?: ReadOptions): Promise<FileBlock[] | string> {
  const { size } = source;
  const read = (at: number, length: number): Promise<Uint8Array> =>
    source.read(Math.min(at, size), Math.max(0, Math.min(length, size - at)), options);
  const at = parseTiffStart(await read(0, TIFF_START));
  if (at === undefined) return "which is not a TIFF in little-endian";
  let directory = await read(at, DIRECTORY);
  const entries = (directory[0] ?? 0) + 256 * (directory[1] ?? 0);
  if (directoryBytes(entries) > directory.length) directory = await read(at, directoryBytes(entries));
  const strips = parseTiffStrips(directory, at);
  if (typeof strips === "string") return strips;
  const numbersOf = async (numbers: TiffNumbers): Promise<number[] | undefined> => {
    const bytes = await read(numbers.at, numbers.count * numbers.itemSize);
    return bytes.length === numbers.count * numbers.itemSize ? parseNumbers(bytes, numbers) : undefined;
  };
  const [offsets, sizes] = await Promise.all([numbersOf(strips.offsets), numbersOf(strips.sizes)]);
  if (offsets === undefined || sizes === undefined) return "which is damaged";
  const runs: { source: ByteSource; offset: number; size: number }[] = [];
  for (const [k, offset] of offsets.entries()) {
    const last = runs.at(-1);
    const length = sizes[k] ?? 0;
    if (last !== undefined && last.offset + last.size === offset) last.size += length;
    else runs.push({ source, offset, size: length });
  }
  return runs.every((run) => run.offset + run.size <= size) ? runs : "which is damaged";
}
