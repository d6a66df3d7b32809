import type { ReadOptions } from "@ozx/core";
import { type Cache, createCache } from "@ozx/virtual";
import type { TagEntry } from "../parse/ifd.js";
import { inlineBytes } from "../parse/ifd.js";
import { countSegments, type Page } from "../parse/page.js";
import { sizeOfType } from "../parse/tags.js";
import { readNumbers } from "../parse/values.js";
import type { TiffFile } from "./tiff-file.js";

/** Where consecutive tiles or strips of a page lie. */
export interface Segments {
  readonly offsets: Float64Array;
  /** Bytes of each. A segment whose offset or bytes are 0 was never written. */
  readonly bytes: Float64Array;
}

/** The first of some tiles or strips of a page, and the one after the last. */
export interface SegmentRange {
  readonly from: number;
  readonly to: number;
}

/** Reads the offsets and byte counts of pages, a part at a time: a slide has millions. */
export interface SegmentReader {
  /** @throws InvalidArchiveError where the page lists fewer tiles or strips than it has */
  read(file: TiffFile, page: Page, range: SegmentRange, options?: ReadOptions): Promise<Segments>;
  /** As `read` where the numbers are in memory; undefined where they must be read. */
  known(file: TiffFile, page: Page, range: SegmentRange): Segments | undefined;
}

/** Numbers that are read at once. */
const BLOCK = 8192;
/** Numbers in memory. A block counts as some more, for what keeps it. */
const CACHED_NUMBERS = 256 * BLOCK;
const BLOCK_COST = 64;

export function createSegmentReader(): SegmentReader {
  const caches = new WeakMap<TiffFile, Cache<string, Float64Array>>();
  const cacheOf = (file: TiffFile): Cache<string, Float64Array> => {
    const cache =
      caches.get(file) ??
      createCache<string, Float64Array>(CACHED_NUMBERS, ({ length }) => length + BLOCK_COST);
    caches.set(file, cache);
    return cache;
  };
  const blockOf = async (
    file: TiffFile,
    page: Page,
    entry: TagEntry,
    block: number,
    options?: ReadOptions,
  ): Promise<Float64Array> => {
    const cache = cacheOf(file);
    const known = cache.get(keyOf(entry, block));
    if (known !== undefined) return known;
    const size = sizeOfType(entry.type) ?? 1;
    const from = block * BLOCK;
    const count = Math.max(0, Math.min(BLOCK, entry.count - from));
    const part = { ...entry, at: entry.at + from * size, count, length: count * size };
    const bytes = inlineBytes(page.ifd, part) ?? (await file.bytes(part, options));
    const numbers = readNumbers(bytes, entry.type, file.header.littleEndian);
    cache.set(keyOf(entry, block), numbers);
    return numbers;
  };
  const rangeOf = async (
    file: TiffFile,
    page: Page,
    entry: TagEntry,
    { from, to }: SegmentRange,
    options?: ReadOptions,
  ): Promise<Float64Array> => {
    const numbers = new Float64Array(to - from);
    for (const { block, begin, end } of blocksOf(from, to)) {
      const values = await blockOf(file, page, entry, block, options);
      numbers.set(values.subarray(begin - block * BLOCK, end - block * BLOCK), begin - from);
    }
    return numbers;
  };
  const knownRange = (
    file: TiffFile,
    entry: TagEntry,
    { from, to }: SegmentRange,
  ): Float64Array | undefined => {
    const cache = cacheOf(file);
    const numbers = new Float64Array(to - from);
    for (const { block, begin, end } of blocksOf(from, to)) {
      const values = cache.get(keyOf(entry, block));
      if (values === undefined) return undefined;
      numbers.set(values.subarray(begin - block * BLOCK, end - block * BLOCK), begin - from);
    }
    return numbers;
  };
  return {
    async read(file, page, range, options) {
      const { offsets, known } = page.segments;
      if (known !== undefined) return partOf(known, range);
      checkCount(file, page, range.to);
      const counts = countsWithin(page, range.to);
      const [first, sizes] = await Promise.all([
        rangeOf(file, page, offsets, range, options),
        counts ? rangeOf(file, page, counts, range, options) : missingCounts(file, page, range),
      ]);
      return { offsets: first, bytes: estimated(file, page, range.from, first, sizes) };
    },
    known(file, page, range) {
      if (page.segments.known !== undefined) return partOf(page.segments.known, range);
      checkCount(file, page, range.to);
      const counts = countsWithin(page, range.to);
      const offsets = knownRange(file, page.segments.offsets, range);
      const sizes = counts ? knownRange(file, counts, range) : missingCounts(file, page, range);
      return offsets && sizes && { offsets, bytes: estimated(file, page, range.from, offsets, sizes) };
    },
  };
}

function partOf({ offsets, bytes }: Segments, { from, to }: SegmentRange): Segments {
  return { offsets: offsets.subarray(from, to), bytes: bytes.subarray(from, to) };
}

function keyOf({ at }: TagEntry, block: number): string {
  return `${at} ${block}`;
}

/** The blocks that have the numbers of a range, and the part of it that each has. */
function* blocksOf(
  from: number,
  to: number,
): Generator<{ readonly block: number; readonly begin: number; readonly end: number }> {
  for (let begin = from; begin < to; ) {
    const block = Math.floor(begin / BLOCK);
    const end = Math.min(to, (block + 1) * BLOCK);
    yield { block, begin, end };
    begin = end;
  }
}

/** @throws InvalidArchiveError */
function checkCount(file: TiffFile, page: Page, to: number): void {
  const { offsets, tiled } = page.segments;
  if (to <= countSegments(page) && to <= offsets.count) return;
  throw file.fault(
    `lists ${offsets.count} ${tiled ? "tiles" : "strips"} of the page at ${page.ifd.offset}, which has ${countSegments(page)}`,
  );
}

/** The byte counts, where there are as many. */
function countsWithin({ segments: { counts } }: Page, to: number): TagEntry | undefined {
  return counts !== undefined && counts.count >= to ? counts : undefined;
}

/** Old writers leave the byte counts out. What is not compressed has as many bytes as its pixels. */
function missingCounts(file: TiffFile, page: Page, { from, to }: SegmentRange): Float64Array {
  if (page.compression !== 1) {
    if (countSegments(page) === 1) return new Float64Array(to - from);
    throw file.fault(`has no byte counts for the compressed page at ${page.ifd.offset}`);
  }
  return new Float64Array(to - from).map((_, k) => plainBytes(page, from + k));
}

/**
 * Byte counts where writers leave 0, as in files of more than 4 GiB, or too few for a single strip (libtiff does the same):
 * what is not compressed has as many bytes as its pixels, and a single compressed strip ends where the file does.
 *
 * @param bytes the counts as they are in the file, which are changed
 */
function estimated(
  { source }: TiffFile,
  page: Page,
  from: number,
  offsets: Float64Array,
  bytes: Float64Array,
): Float64Array {
  const isAlone = countSegments(page) === 1;
  if (page.compression !== 1) {
    const isOpen = isAlone && bytes[0] === 0 && offsets[0] !== 0;
    return isOpen ? Float64Array.of(Math.max(0, source.size - (offsets[0] as number))) : bytes;
  }
  for (const [k, offset] of offsets.entries()) {
    const count = bytes[k] as number;
    if (offset === 0 || (count > 0 && !isAlone)) continue;
    const needed = plainBytes(page, from + k);
    const isWithin = offset + needed <= source.size;
    if (count < needed && (isWithin || (isAlone && count === 0))) bytes[k] = needed;
  }
  return bytes;
}

/** The bytes of a segment that is not compressed. */
function plainBytes({ segments, samples, planar, bits, height }: Page, segment: number): number {
  const row = segment % (segments.across * segments.down);
  const rows = segments.tiled
    ? segments.height
    : Math.min(segments.height, height - (row % segments.down) * segments.height);
  return Math.ceil((segments.width * (planar ? 1 : samples) * bits) / 8) * rows;
}
