import { type ReadOptions, UnsupportedError } from "@ozx/core";
import { decodeSegment } from "../decode/decode-segment.js";
import { DamagedSegmentError, UnsupportedSegmentError } from "../decode/segment-fault.js";
import type { SegmentLayout } from "../decode/segment-layout.js";
import { dataTypeOf, itemSizeOf, type Page } from "../parse/page.js";
import type { SegmentReader } from "../read/segments.js";
import { corruptPlane, type TiffFile } from "../read/tiff-file.js";

/** A rectangle of a page's pixels. */
export interface Region {
  readonly top: number;
  readonly left: number;
  readonly rows: number;
  readonly columns: number;
  /** For a planar page, which sample. */
  readonly sample: number;
}

/** A page to read pixels of. */
export interface ReadablePage {
  readonly file: TiffFile;
  readonly page: Page;
  /** In messages, as in `plane t=0, c=1`. */
  readonly what: string;
}

/**
 * The pixels of a region, little-endian and interleaved. What lies beyond the page, and what was never written, is 0.
 *
 * @returns undefined where nothing of it was ever written
 * @throws CorruptDataError, UnsupportedError naming the plane
 */
export async function readRegion(
  from: ReadablePage,
  region: Region,
  segmentsOf: SegmentReader,
  options?: ReadOptions,
): Promise<Uint8Array | undefined> {
  const { file, page } = from;
  const { segments } = page;
  const pixelBytes = (page.planar ? 1 : page.samples) * itemSizeOf(dataTypeOf(page) ?? "uint8");
  const pixels = new Uint8Array(region.rows * region.columns * pixelBytes);
  const bottom = Math.min(page.height, region.top + region.rows);
  const right = Math.min(page.width, region.left + region.columns);
  let isWritten = false;
  const first = region.sample * segments.across * segments.down;
  const [fromColumn, toColumn] = [
    Math.floor(region.left / segments.width),
    Math.ceil(right / segments.width),
  ];
  for (let row = Math.floor(region.top / segments.height); row * segments.height < bottom; row++) {
    const at = first + row * segments.across;
    const { offsets, bytes } = await segmentsOf(file, page, at + fromColumn, at + toColumn, options);
    const reads = Array.from(offsets, async (offset, k) => {
      const length = bytes[k] as number;
      if (offset === 0 || length === 0) return;
      isWritten = true;
      const column = fromColumn + k;
      const decoded = await readSegment(from, { row, column, offset, length }, options);
      copyPart({
        from: decoded,
        to: pixels,
        pixelBytes,
        source: { top: row * segments.height, left: column * segments.width, columns: segments.width },
        target: region,
        edge: {
          bottom: Math.min(bottom, (row + 1) * segments.height),
          right: Math.min(right, (column + 1) * segments.width),
        },
      });
    });
    await Promise.all(reads);
  }
  return isWritten ? pixels : undefined;
}

/** A tile or strip of a page. */
interface SegmentPlace {
  readonly row: number;
  readonly column: number;
  readonly offset: number;
  readonly length: number;
}

async function readSegment(
  { file, page, what }: ReadablePage,
  { row, column, offset, length }: SegmentPlace,
  options?: ReadOptions,
): Promise<Uint8Array> {
  if (offset + length > file.source.size) throw beyondEnd(file, what, offset, length);
  const segment = page.segments.tiled ? "tile" : "strip";
  const stored = await file.source.read(offset, length, options);
  const layout = await segmentLayout(file, page, { row, column }, options);
  try {
    return await decodeSegment(stored, layout, options);
  } catch (error) {
    if (error instanceof DamagedSegmentError) {
      throw corruptPlane(file, `${what} has a ${segment} that ${error.reason}`, { cause: error });
    }
    if (!(error instanceof UnsupportedSegmentError)) throw error;
    const { feature, reason } = error;
    throw new UnsupportedError(
      `${what} of ${file.name} cannot be read: it ${reason}`,
      { location: file.name, feature },
      { cause: error },
    );
  }
}

/** The error for pixels that lie beyond the end of the file. */
export function beyondEnd(file: TiffFile, what: string, offset: number, length: number): Error {
  return corruptPlane(
    file,
    `${what} has ${length} bytes at ${offset}, beyond the ${file.source.size} bytes of the file`,
  );
}

async function segmentLayout(
  file: TiffFile,
  page: Page,
  { row, column }: Pick<SegmentPlace, "row" | "column">,
  options?: ReadOptions,
): Promise<SegmentLayout> {
  const { segments, jpegTables, ycbcrSubsampling, kind } = page;
  const rest = page.height - row * segments.height;
  const width = Math.min(segments.width, page.width - column * segments.width);
  return {
    compression: page.compression,
    predictor: page.predictor,
    width: segments.width,
    height: segments.tiled ? segments.height : Math.min(segments.height, rest),
    samplesPerPixel: page.planar ? 1 : page.samples,
    bitsPerSample: page.bits,
    sampleFormat: kind === "int" || kind === "float" ? kind : "uint",
    littleEndian: file.header.littleEndian,
    fillOrder: page.fillOrder,
    photometric: page.photometric,
    ...(jpegTables !== undefined && { jpegTables: await file.bytes(jpegTables, options) }),
    ycbcrSubsampling,
    ...(segments.tiled
      ? { inside: { width, height: Math.min(segments.height, rest) } }
      : { mostRows: segments.height }),
  };
}

interface Copy {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly pixelBytes: number;
  /** Where the copied bytes lie in the page. */
  readonly source: { readonly top: number; readonly left: number; readonly columns: number };
  readonly target: Region;
  readonly edge: { readonly bottom: number; readonly right: number };
}

/** Copies what a segment and a region have in common, row by row. */
function copyPart({ from, to, pixelBytes, source, target, edge }: Copy): void {
  const left = Math.max(source.left, target.left);
  const length = (edge.right - left) * pixelBytes;
  for (let y = Math.max(source.top, target.top); y < edge.bottom; y++) {
    const at = ((y - source.top) * source.columns + left - source.left) * pixelBytes;
    to.set(
      from.subarray(at, at + length),
      ((y - target.top) * target.columns + left - target.left) * pixelBytes,
    );
  }
}
