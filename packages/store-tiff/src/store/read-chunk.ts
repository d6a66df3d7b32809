import { type AbsolutePath, type ReadOptions, UnsupportedError } from "@ozx/core";
import { swapBytes } from "@ozx/core/container";
import type { PlaneRef } from "../layouts/layout.js";
import { dataTypeOf, type Page } from "../parse/page.js";
import { TAG } from "../parse/tags.js";
import type { SegmentReader } from "../read/segments.js";
import { corruptPlane, type TiffFile } from "../read/tiff-file.js";
import type { ArrayPlan } from "./array-plan.js";
import type { ChunkPlace } from "./chunk-place.js";
import { beyondEnd, type ReadablePage, readRegion, type SegmentAccess } from "./read-region.js";

/** A part of a file that is a part of a chunk as it is. */
export interface FileRun {
  readonly file: TiffFile;
  readonly offset: number;
  readonly length: number;
  /** Where it belongs in the chunk. */
  readonly at: number;
}

/** A chunk whose bytes are in the file; what no run covers is 0. */
export interface StoredChunk {
  readonly size: number;
  readonly runs: readonly FileRun[];
}

/** Reads chunks of an array. */
export interface ChunkReader {
  /** The chunk's place in the file; `decoded` where its bytes must be made; undefined where it was never written. */
  locate(place: ChunkPlace, options?: ReadOptions): Promise<StoredChunk | "decoded" | undefined>;
  /** The bytes of a chunk that must be made; undefined where it was never written. */
  decode(place: ChunkPlace, options?: ReadOptions): Promise<Uint8Array | undefined>;
}

export function createChunkReader(plan: ArrayPlan, path: AbsolutePath, access: SegmentAccess): ChunkReader {
  const { segmentsOf } = access;
  const { level, rows, columns, chunkBytes } = plan;
  const messageOf = ({ label }: ChunkPlace): string =>
    label === "" ? `the plane of ${path}` : `plane ${label} of ${path}`;

  const pageOf = async (
    place: ChunkPlace,
    ref: PlaneRef,
    options?: ReadOptions,
  ): Promise<ReadablePage | undefined> => {
    const { file } = ref;
    const main = await file.page(ref.ifd, options);
    const page = ref.sub === undefined ? main : await subPage(file, main, ref.sub, options);
    if (page === undefined) return undefined;
    const what = messageOf(place);
    checkPage(page, plan, file, what);
    return { file, page, what };
  };

  const storedSegment = async (
    { file, page, what }: ReadablePage,
    place: ChunkPlace,
    options?: ReadOptions,
  ): Promise<StoredChunk | undefined> => {
    const { across, down } = page.segments;
    const at = (place.sample * down + place.row) * across + place.column;
    const { offsets, bytes } = await segmentsOf(file, page, at, at + 1, options);
    const [offset = 0, length = 0] = [offsets[0], bytes[0]];
    if (offset === 0 || length === 0) return undefined;
    if (offset + length > file.source.size) throw beyondEnd(file, what, offset, length);
    if (plan.access === "stored") return { size: length, runs: [{ file, offset, length, at: 0 }] };
    if (length < chunkBytes) throw tooShort(file, what, "tile", length, chunkBytes);
    return { size: chunkBytes, runs: [{ file, offset, length: chunkBytes, at: 0 }] };
  };

  return {
    async locate(place, options) {
      const ref = await level.planes.at(place.plane, options);
      if (ref === undefined) return undefined;
      if (plan.access === "decoded") {
        return (await hasData(ref, place, options)) ? "decoded" : undefined;
      }
      if (ref.pixels !== undefined) return knownRun(plan, ref.file, ref.pixels, place, messageOf(place));
      const found = await pageOf(place, ref, options);
      if (found === undefined) return undefined;
      const { page, file, what } = found;
      if (!hasSameForm(page, file, plan)) {
        if (plan.access === "plain") return "decoded";
        throw new UnsupportedError(
          `${what} of ${file.name} cannot be read: its page is encoded differently from those before`,
          { location: file.name, path, feature: "pages with different encodings" },
        );
      }
      if (plan.access === "stored" || page.segments.tiled) return storedSegment(found, place, options);
      return bandOf(found, plan, place, segmentsOf, options);
    },
    async decode(place, options) {
      const ref = await level.planes.at(place.plane, options);
      const found = ref && (await pageOf(place, ref, options));
      if (found === undefined) return undefined;
      const region = {
        top: place.row * rows,
        left: place.column * columns,
        rows,
        columns,
        sample: place.sample,
      };
      const pixels = await readRegion(found, region, access, options);
      if (pixels !== undefined && plan.bigEndian) swapBytes(pixels, plan.itemSize);
      return pixels;
    },
  };

  /** Whether any tile or strip of a decoded chunk was written. */
  async function hasData(ref: PlaneRef, place: ChunkPlace, options?: ReadOptions): Promise<boolean> {
    const found = await pageOf(place, ref, options);
    if (found === undefined) return false;
    const { segments } = found.page;
    const first = place.sample * segments.across * segments.down;
    const bottom = Math.min(found.page.height, (place.row + 1) * rows);
    const right = Math.min(found.page.width, (place.column + 1) * columns);
    for (let row = Math.floor((place.row * rows) / segments.height); row * segments.height < bottom; row++) {
      const at = first + row * segments.across;
      const from = at + Math.floor((place.column * columns) / segments.width);
      const { offsets, bytes } = await segmentsOf(
        found.file,
        found.page,
        from,
        at + Math.ceil(right / segments.width),
        options,
      );
      if (offsets.some((offset, k) => offset !== 0 && bytes[k] !== 0)) return true;
    }
    return false;
  }
}

/** One of the lower resolutions that a page lists; undefined where it has none. */
export async function subPage(
  file: TiffFile,
  { ifd }: Page,
  sub: number,
  options?: ReadOptions,
): Promise<Page | undefined> {
  const offset = (await file.numbers(ifd, TAG.SubIFDs, options))?.[sub];
  // Writers leave 0 where a plane lacks a level.
  return offset === undefined || offset < 8 ? undefined : file.page(offset, options);
}

/** @throws CorruptDataError for a page that is not like the others of its level */
function checkPage(page: Page, { level, dataType }: ArrayPlan, file: TiffFile, what: string): void {
  const { width, height, samples, planar } = level.page;
  const isAlike =
    page.width === width &&
    page.height === height &&
    page.samples === samples &&
    page.planar === planar &&
    dataTypeOf(page) === dataType;
  if (isAlike) return;
  throw corruptPlane(
    file,
    `${what} has ${page.width} × ${page.height} pixels of ${page.samples} × ${page.bits} bits, unlike the others of its image`,
  );
}

/** Whether the bytes of a page can be used as those of the level's own page. */
function hasSameForm(page: Page, file: TiffFile, { level, access }: ArrayPlan): boolean {
  const { page: own } = level;
  const isEncodedAlike =
    page.compression === own.compression &&
    page.fillOrder === own.fillOrder &&
    page.bits === own.bits &&
    (page.bits === 8 || file.header.littleEndian === level.file.header.littleEndian);
  const { tiled, width, height } = page.segments;
  const isCutAlike =
    tiled === own.segments.tiled && width === own.segments.width && height === own.segments.height;
  if (access === "plain") return isEncodedAlike && (tiled ? isCutAlike : !own.segments.tiled);
  return isEncodedAlike && isCutAlike && page.predictor === own.predictor;
}

/** A part of pixels that lie in one run. */
function knownRun(
  { rows, level, chunkBytes }: ArrayPlan,
  file: TiffFile,
  pixels: number,
  place: ChunkPlace,
  what: string,
): StoredChunk {
  const { height } = level.page;
  const top = place.row * rows;
  const rowBytes = chunkBytes / rows;
  const offset = pixels + (place.sample * height + top) * rowBytes;
  const length = Math.min(rows, height - top) * rowBytes;
  if (offset + length > file.source.size) throw beyondEnd(file, what, offset, length);
  return { size: chunkBytes, runs: [{ file, offset, length, at: 0 }] };
}

/** The parts of uncompressed strips that make up a band of rows. */
async function bandOf(
  { file, page, what }: ReadablePage,
  { rows, chunkBytes }: ArrayPlan,
  { row, sample }: ChunkPlace,
  segmentsOf: SegmentReader,
  options?: ReadOptions,
): Promise<StoredChunk | undefined> {
  const { segments, height } = page;
  const rowBytes = chunkBytes / rows;
  const top = row * rows;
  const bottom = Math.min(height, top + rows);
  const from = Math.floor(top / segments.height);
  const to = Math.ceil(bottom / segments.height);
  const first = sample * segments.down;
  const { offsets, bytes } = await segmentsOf(file, page, first + from, first + to, options);
  const runs: FileRun[] = [];
  for (let strip = from; strip < to; strip++) {
    const [offset = 0, stored = 0] = [offsets[strip - from], bytes[strip - from]];
    if (offset === 0 || stored === 0) continue;
    const start = strip * segments.height;
    const [begin, end] = [Math.max(top, start), Math.min(bottom, start + segments.height)];
    const needed = Math.min(segments.height, height - start) * rowBytes;
    if (stored < needed) throw tooShort(file, what, "strip", stored, needed);
    const run = {
      file,
      offset: offset + (begin - start) * rowBytes,
      length: (end - begin) * rowBytes,
      at: (begin - top) * rowBytes,
    };
    if (run.offset + run.length > file.source.size) throw beyondEnd(file, what, run.offset, run.length);
    const last = runs.at(-1);
    // Most strips follow one another.
    if (last !== undefined && last.offset + last.length === run.offset && last.at + last.length === run.at) {
      runs[runs.length - 1] = { ...last, length: last.length + run.length };
    } else runs.push(run);
  }
  return runs.length === 0 ? undefined : { size: chunkBytes, runs };
}

function tooShort(file: TiffFile, what: string, segment: string, found: number, needed: number): Error {
  return corruptPlane(file, `${what} has a ${segment} of ${found} bytes, which needs ${needed}`);
}
