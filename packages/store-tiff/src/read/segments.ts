import type { ReadOptions } from "@ozx/core";
import type { TagEntry } from "../parse/ifd.js";
import { inlineBytes } from "../parse/ifd.js";
import { countSegments, type Page } from "../parse/page.js";
import { sizeOfType } from "../parse/tags.js";
import { readNumbers } from "../parse/values.js";
import { type Cache, createCache } from "./cache.js";
import type { TiffFile } from "./tiff-file.js";

/** Where consecutive tiles or strips of a page lie. */
export interface Segments {
  readonly offsets: Float64Array;
  /** Bytes of each. A segment whose offset or bytes are 0 was never written. */
  readonly bytes: Float64Array;
}

/** Reads the offsets and byte counts of pages, a part at a time: a slide has millions. */
export type SegmentReader = (
  file: TiffFile,
  page: Page,
  from: number,
  to: number,
  options?: ReadOptions,
) => Promise<Segments>;

/** Numbers that are read at once. */
const BLOCK = 8192;
const CACHED_BLOCKS = 256;

export function createSegmentReader(): SegmentReader {
  const caches = new WeakMap<TiffFile, Cache<string, Float64Array>>();
  const blockOf = async (
    file: TiffFile,
    page: Page,
    entry: TagEntry,
    block: number,
    options?: ReadOptions,
  ): Promise<Float64Array> => {
    const cache = caches.get(file) ?? createCache<string, Float64Array>(CACHED_BLOCKS);
    caches.set(file, cache);
    const key = `${entry.at} ${block}`;
    const known = cache.get(key);
    if (known !== undefined) return known;
    const size = sizeOfType(entry.type) ?? 1;
    const from = block * BLOCK;
    const count = Math.max(0, Math.min(BLOCK, entry.count - from));
    const part = { ...entry, at: entry.at + from * size, count, length: count * size };
    const bytes = inlineBytes(page.ifd, part) ?? (await file.bytes(part, options));
    const numbers = readNumbers(bytes, entry.type, file.header.littleEndian);
    cache.set(key, numbers);
    return numbers;
  };
  const rangeOf = async (
    file: TiffFile,
    page: Page,
    entry: TagEntry,
    from: number,
    to: number,
    options?: ReadOptions,
  ): Promise<Float64Array> => {
    const numbers = new Float64Array(to - from);
    for (let at = from; at < to; ) {
      const block = Math.floor(at / BLOCK);
      const end = Math.min(to, (block + 1) * BLOCK);
      const part = (await blockOf(file, page, entry, block, options)).subarray(
        at % BLOCK,
        end - block * BLOCK,
      );
      numbers.set(part, at - from);
      at = end;
    }
    return numbers;
  };
  return async (file, page, from, to, options) => {
    const { offsets, counts } = page.segments;
    if (to > countSegments(page) || to > offsets.count) {
      throw file.fault(
        `lists ${offsets.count} ${page.segments.tiled ? "tiles" : "strips"} of the page at ${page.ifd.offset}, which has ${countSegments(page)}`,
      );
    }
    const [first, sizes] = await Promise.all([
      rangeOf(file, page, offsets, from, to, options),
      counts !== undefined && counts.count >= to
        ? rangeOf(file, page, counts, from, to, options)
        : missingCounts(file, page, from, to),
    ]);
    return { offsets: first, bytes: estimated(file, page, from, first, sizes) };
  };
}

/** Old writers leave the byte counts out. What is not compressed has as many bytes as its pixels. */
function missingCounts(file: TiffFile, page: Page, from: number, to: number): Float64Array {
  if (page.compression !== 1 && countSegments(page) > 1) {
    throw file.fault(`has no byte counts for the compressed page at ${page.ifd.offset}`);
  }
  return new Float64Array(to - from).map((_, k) => plainBytes(page, from + k));
}

/** A single strip without a byte count, as in files of more than 4 GiB: as many bytes as its pixels need. */
function estimated(
  { source }: TiffFile,
  page: Page,
  from: number,
  offsets: Float64Array,
  bytes: Float64Array,
): Float64Array {
  if (countSegments(page) > 1 || from > 0 || bytes[0] !== 0 || offsets[0] === 0) return bytes;
  const rest = source.size - (offsets[0] as number);
  return Float64Array.of(page.compression === 1 ? plainBytes(page, 0) : Math.max(0, rest));
}

/** The bytes of a segment that is not compressed. */
function plainBytes({ segments, samples, planar, bits, height }: Page, segment: number): number {
  const row = segment % (segments.across * segments.down);
  const rows = segments.tiled
    ? segments.height
    : Math.min(segments.height, height - (row % segments.down) * segments.height);
  return Math.ceil((segments.width * (planar ? 1 : samples) * bits) / 8) * rows;
}
