import { isOzxError, type ReadOptions, UnsupportedError } from "@ozx/core";
import { measureSegment, type SegmentLayout } from "@ozx/virtual/decode";
import { createFrame, type RegionDecoder, type RegionLayout } from "../decode/decode-region.js";
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

/** How tiles and strips are found, and decoded. */
export interface SegmentAccess {
  readonly segmentsOf: SegmentReader;
  readonly decode: RegionDecoder;
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
  { segmentsOf, decode }: SegmentAccess,
  options?: ReadOptions,
): Promise<Uint8Array | undefined> {
  const { file, page } = from;
  const { segments } = page;
  const [fromRow, fromColumn] = [
    Math.floor(region.top / segments.height),
    Math.floor(region.left / segments.width),
  ];
  const toRow = Math.ceil(Math.min(page.height, region.top + region.rows) / segments.height);
  const toColumn = Math.ceil(Math.min(page.width, region.left + region.columns) / segments.width);
  const first = region.sample * segments.across * segments.down;
  const places: SegmentPlace[] = [];
  for (let row = fromRow; row < toRow; row++) {
    const at = first + row * segments.across;
    const { offsets, bytes } = await segmentsOf.read(
      file,
      page,
      { from: at + fromColumn, to: at + toColumn },
      options,
    );
    for (const [k, offset] of offsets.entries()) places.push({ offset, length: bytes[k] as number });
  }
  if (places.every(({ offset, length }) => offset === 0 || length === 0)) return undefined;
  const segment = await segmentLayout(file, page, options);
  const [originY, originX] = [fromRow * segments.height, fromColumn * segments.width];
  const [down, across] = [toRow - fromRow, toColumn - fromColumn];
  const layout: RegionLayout = {
    segment,
    tiled: segments.tiled,
    ...{ down, across },
    rows: region.rows,
    columns: region.columns,
    top: region.top - originY,
    left: region.left - originX,
    pageRows: Math.min(page.height - originY, down * segments.height),
    pageColumns: Math.min(page.width - originX, across * segments.width),
    pixelBytes: (page.planar ? 1 : page.samples) * itemSizeOf(dataTypeOf(page) ?? "uint8"),
  };
  try {
    return await decode(await readFrame(from, places, segment, options), layout, options);
  } catch (error) {
    const segment = `${from.what} has a ${segments.tiled ? "tile" : "strip"} that`;
    throw nameSegment(error, file, segment, from.what);
  }
}

/** A tile or strip of a page. */
interface SegmentPlace {
  readonly offset: number;
  readonly length: number;
}

/** Compressed pixels are at most so many times as large as they are without, and so much longer. */
const MOST_TIMES = 4;
const MOST_BESIDES = 256 * 1024;

/** Reads segments into one piece of memory; those that follow one another in the file at once. */
async function readFrame(
  page: ReadablePage,
  places: readonly SegmentPlace[],
  segment: SegmentLayout,
  options?: ReadOptions,
): Promise<Uint8Array> {
  const { file } = page;
  const most = measureSegment(segment).stored * MOST_TIMES + MOST_BESIDES;
  const lengths = places.map(({ offset, length }) => {
    if (offset === 0) return 0;
    if (offset + length > file.source.size) throw beyondEnd(file, page.what, offset, length);
    return Math.min(length, most);
  });
  const { bytes, targets } = createFrame(lengths);
  const runs: { at: number; end: number; targets: Uint8Array[] }[] = [];
  for (const [k, target] of targets.entries()) {
    if (target.length === 0) continue;
    const { offset } = places[k] as SegmentPlace;
    const last = runs.at(-1);
    if (last !== undefined && last.end === offset) {
      last.end += target.length;
      last.targets.push(target);
    } else runs.push({ at: offset, end: offset + target.length, targets: [target] });
  }
  await Promise.all(runs.map((run) => readInto(file, run.at, run.targets, options)));
  return bytes;
}

/** Fills targets that lie side by side, as the bytes in the file do. */
async function readInto(
  { source }: TiffFile,
  offset: number,
  targets: readonly Uint8Array[],
  options?: ReadOptions,
): Promise<void> {
  const [first] = targets;
  if (first === undefined) return;
  const length = targets.reduce((sum, target) => sum + target.length, 0);
  const target = new Uint8Array(first.buffer, first.byteOffset, length);
  if (source.readInto !== undefined) await source.readInto(offset, [target], options);
  else target.set(await source.read(offset, length, options));
}

/** The error for a segment that cannot be decoded; it may come from another thread, where it has lost its own class. */
function nameSegment(error: unknown, file: TiffFile, segment: string, what: string): unknown {
  if (!isOzxError(error) || !("reason" in error)) return error;
  const reason = String(error.reason);
  if (isOzxError(error, "CorruptData")) return corruptPlane(file, `${segment} ${reason}`, { cause: error });
  if (!isOzxError(error, "Unsupported")) return error;
  return new UnsupportedError(
    `${what} of ${file.name} cannot be read: it ${reason}`,
    { location: file.name, feature: error.feature },
    { cause: error },
  );
}

/** The error for pixels that lie beyond the end of the file. */
export function beyondEnd(file: TiffFile, what: string, offset: number, length: number): Error {
  return corruptPlane(
    file,
    `${what} has ${length} bytes at ${offset}, beyond the ${file.source.size} bytes of the file`,
  );
}

/** How a whole tile or strip of a page is stored. */
async function segmentLayout(file: TiffFile, page: Page, options?: ReadOptions): Promise<SegmentLayout> {
  const { segments, jpegTables, ycbcrSubsampling, kind } = page;
  return {
    compression: page.compression,
    predictor: page.predictor,
    width: segments.width,
    height: segments.height,
    samplesPerPixel: page.planar ? 1 : page.samples,
    bitsPerSample: page.bits,
    sampleFormat: kind === "int" || kind === "float" ? kind : "uint",
    littleEndian: file.header.littleEndian,
    fillOrder: page.fillOrder,
    photometric: page.photometric,
    ...(page.jpegHeader !== undefined && { jpegHeader: page.jpegHeader }),
    ...(jpegTables !== undefined && { jpegTables: await file.bytes(jpegTables, options) }),
    ycbcrSubsampling,
  };
}
