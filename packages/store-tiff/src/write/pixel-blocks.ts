import { AXES, type Range, type TiffAxis, type WrittenPart } from "./plane-axes.js";
import type { TiffForm } from "./tiff-writer.js";

/** A part of the pixels that is read at once: whole tiles or strips of some planes. */
export type PixelBlockRanges = Readonly<Record<TiffAxis, Range>>;

/** Bytes of pixels that are read at once. */
const BLOCK = 64 * 1024 * 1024;

/**
 * Divides what is written into blocks. A chunk of several planes is decoded once for all of them as far as memory allows,
 * and blocks are as tall as it allows, since the rows at their edges may lie in chunks that are decoded twice.
 *
 * @param most bytes of a block, or of a row of segments where that is more
 */
export function* blocksOf(
  part: WrittenPart,
  { width, height, bits, segment }: Pick<TiffForm, "width" | "height" | "bits" | "segment">,
  most = BLOCK,
): Generator<PixelBlockRanges> {
  const { ranges, roles, level } = part;
  const pixels = Math.max(1, Math.floor((most * 8) / bits));
  const columns = atMost(width, segment.width, pixels / segment.height);
  const planes = { t: 1, c: 1, z: 1 };
  let free = Math.max(1, Math.floor(pixels / (columns * segment.height)));
  for (const axis of ["z", "c", "t"] as const) {
    const at = roles[axis];
    const chunk = at === undefined ? 1 : (level.chunks[at] ?? 1);
    planes[axis] = Math.max(1, Math.min(chunk, free));
    free = Math.max(1, Math.floor(free / planes[axis]));
  }
  const rows = atMost(height, segment.height, pixels / (columns * planes.t * planes.c * planes.z));
  for (const t of onGrid(ranges.t, planes.t)) {
    for (const c of onGrid(ranges.c, planes.c)) {
      for (const z of onGrid(ranges.z, planes.z)) {
        for (const y of inSteps(ranges.y, rows)) {
          for (const x of inSteps(ranges.x, columns)) yield { t, c, z, y, x };
        }
      }
    }
  }
}

/** All of an extent, or else the largest multiple of a step up to a limit; one step at least. */
function atMost(extent: number, step: number, limit: number): number {
  return extent <= limit ? extent : Math.min(extent, Math.max(1, Math.floor(limit / step)) * step);
}

/** Parts of a range between multiples of a step. */
function* onGrid([start, stop]: Range, step: number): Generator<Range> {
  for (let from = start; from < stop; ) {
    const to = Math.min(stop, (Math.floor(from / step) + 1) * step);
    yield [from, to];
    from = to;
  }
}

/** Parts of a range, of equal length but for the last. */
function* inSteps([start, stop]: Range, step: number): Generator<Range> {
  for (let from = start; from < stop; from += step) yield [from, Math.min(stop, from + step)];
}

/** The extents of a block, in the order of {@link AXES}. */
export function extentsOf(block: PixelBlockRanges): number[] {
  return AXES.map((axis) => block[axis][1] - block[axis][0]);
}
