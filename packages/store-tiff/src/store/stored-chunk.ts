import type { ChunkPlace, FileRun, StoredChunk } from "@ozx/virtual";
import type { SegmentRange, Segments } from "../read/segments.js";
import { corruptPlane, type TiffFile } from "../read/tiff-file.js";
import type { ArrayPlan } from "./array-plan.js";
import { beyondEnd, type ReadablePage } from "./read-region.js";

/** The tiles or strips that a chunk consists of, where it is not decoded. */
export function segmentsWithin(
  { access, rows, level }: ArrayPlan,
  { page }: ReadablePage,
  place: ChunkPlace,
): SegmentRange {
  const { across, down, height, tiled } = page.segments;
  if (access === "stored" || tiled) {
    const from = (place.sample * down + place.row) * across + place.column;
    return { from, to: from + 1 };
  }
  const top = place.row * rows;
  const bottom = Math.min(level.page.height, top + rows);
  const first = place.sample * down;
  return { from: first + Math.floor(top / height), to: first + Math.ceil(bottom / height) };
}

/** Where a chunk is, by its tiles or strips; undefined where none of them was ever written. */
export function chunkInSegments(
  plan: ArrayPlan,
  page: ReadablePage,
  place: ChunkPlace,
  segments: Segments,
): StoredChunk | undefined {
  const isWhole = plan.access === "stored" || page.page.segments.tiled;
  return isWhole ? segmentOf(plan, page, segments) : bandOf(plan, page, place, segments);
}

function segmentOf(
  { access, chunkBytes }: ArrayPlan,
  page: ReadablePage,
  { offsets, bytes }: Segments,
): StoredChunk | undefined {
  const { file } = page;
  const [offset = 0, length = 0] = [offsets[0], bytes[0]];
  if (offset === 0 || length === 0) return undefined;
  if (offset + length > file.source.size) throw beyondEnd(file, page.what, offset, length);
  if (access === "stored") return { size: length, runs: [{ source: file.source, offset, length, at: 0 }] };
  if (length < chunkBytes) throw tooShort(page, "tile", length, chunkBytes);
  return { size: chunkBytes, runs: [{ source: file.source, offset, length: chunkBytes, at: 0 }] };
}

/** The parts of uncompressed strips that make up a band of rows. */
function bandOf(
  { rows, chunkBytes }: ArrayPlan,
  found: ReadablePage,
  { row }: ChunkPlace,
  { offsets, bytes }: Segments,
): StoredChunk | undefined {
  const { file, page } = found;
  const { segments, height } = page;
  const rowBytes = chunkBytes / rows;
  const top = row * rows;
  const bottom = Math.min(height, top + rows);
  const from = Math.floor(top / segments.height);
  const runs: FileRun[] = [];
  for (const [k, stripAt] of offsets.entries()) {
    const stored = bytes[k] ?? 0;
    if (stripAt === 0 || stored === 0) continue;
    const start = (from + k) * segments.height;
    const [begin, end] = [Math.max(top, start), Math.min(bottom, start + segments.height)];
    const needed = Math.min(segments.height, height - start) * rowBytes;
    if (stored < needed) throw tooShort(found, "strip", stored, needed);
    const offset = stripAt + (begin - start) * rowBytes;
    const length = (end - begin) * rowBytes;
    if (offset + length > file.source.size) throw beyondEnd(file, found.what, offset, length);
    const last = runs.at(-1);
    const at = (begin - top) * rowBytes;
    // Most strips follow one another.
    if (last !== undefined && last.offset + last.length === offset && last.at + last.length === at) {
      runs[runs.length - 1] = { ...last, length: last.length + length };
    } else runs.push({ source: file.source, offset, length, at });
  }
  return runs.length === 0 ? undefined : { size: chunkBytes, runs };
}

function tooShort({ file, what }: ReadablePage, segment: string, found: number, needed: number): Error {
  return corruptPlane(file, `${what} has a ${segment} of ${found} bytes, which needs ${needed}`);
}

/**
 * A part of pixels that lie in one run.
 *
 * @param pixels where they start
 * @param what names the plane in messages
 */
export function chunkInRun(
  { rows, level, chunkBytes }: ArrayPlan,
  { file, pixels, what }: { readonly file: TiffFile; readonly pixels: number; readonly what: () => string },
  place: ChunkPlace,
): StoredChunk {
  const { height } = level.page;
  const top = place.row * rows;
  const rowBytes = chunkBytes / rows;
  const offset = pixels + (place.sample * height + top) * rowBytes;
  const length = Math.min(rows, height - top) * rowBytes;
  if (offset + length > file.source.size) throw beyondEnd(file, what(), offset, length);
  return { size: chunkBytes, runs: [{ source: file.source, offset, length, at: 0 }] };
}
