import { TiffFault, UnsupportedFault } from "./fault.js";
import { entryOf, type Ifd, type TagEntry } from "./ifd.js";
import { KIND_TAGS } from "./page-scan.js";
import { TAG } from "./tags.js";

/** How the numbers of a sample are stored (SampleFormat); `other` for what OME-Zarr has no type for. */
export type SampleKind = "uint" | "int" | "float" | "complex" | "other";

/** What an IFD says about its pixels. */
export interface Page {
  readonly ifd: Ifd;
  readonly width: number;
  readonly height: number;
  /** Samples of a pixel: 3 for RGB. */
  readonly samples: number;
  /** Bits of a sample. */
  readonly bits: number;
  readonly kind: SampleKind;
  readonly compression: number;
  readonly predictor: number;
  readonly photometric: number;
  /** Whether each sample has segments of its own (PlanarConfiguration 2). */
  readonly planar: boolean;
  readonly fillOrder: 1 | 2;
  readonly orientation: number;
  readonly segments: SegmentGrid;
  /** A shared part of JPEG segments. */
  readonly jpegTables: TagEntry | undefined;
  /** What makes a JPEG of a segment that is only a part of one. */
  readonly jpegHeader?: Uint8Array | undefined;
  readonly ycbcrSubsampling: readonly [number, number] | undefined;
  /** Whether it is a lower-resolution version of another page. */
  readonly isReduced: boolean;
  /** The NewSubfileType: 1 reduced, 4 mask, 8 macro image of a slide. */
  readonly subfileType: number;
  /** The text of the value of pixels that were never written, as bytes. */
  readonly noData: ArrayLike<number> | undefined;
}

/** The tiles or strips of a page. */
export interface SegmentGrid {
  readonly tiled: boolean;
  /** Of a tile, also where it reaches over the edge; of a strip, the last of which may be shorter. */
  readonly width: number;
  readonly height: number;
  readonly across: number;
  readonly down: number;
  /** Offsets and byte counts, which may be huge and are read when they are needed. */
  readonly offsets: TagEntry;
  readonly counts: TagEntry | undefined;
  /** The offsets and byte counts themselves, where the fields do not say them. */
  readonly known?: { readonly offsets: Float64Array; readonly bytes: Float64Array } | undefined;
}

/** The tags whose values {@link describePage} needs. */
export const PAGE_TAGS: readonly number[] = [
  ...KIND_TAGS,
  TAG.Orientation,
  TAG.YCbCrSubSampling,
  TAG.ImageDepth,
  TAG.GdalNoData,
];

/** By SampleFormat. What has no format (4) is read as unsigned, as section 19 of TIFF 6.0 advises. */
const KINDS: readonly SampleKind[] = ["uint", "uint", "int", "float", "uint", "complex", "complex"];
/** Larger pages have more rows or columns than any format can address. */
const LARGEST_SIDE = 2 ** 31;
/** Samples of one pixel: more are a lie, or a spectrum that nobody has met. */
const MOST_SAMPLES = 65_535;

/**
 * What an IFD says about its pixels, with the defaults of TIFF 6.0.
 *
 * @param values of the tags in {@link PAGE_TAGS} that the IFD has
 * @throws TiffFault where they describe no page
 */
export function describePage(ifd: Ifd, values: ReadonlyMap<number, ArrayLike<number>>): Page {
  const value = (tag: number, otherwise: number): number => values.get(tag)?.[0] ?? otherwise;
  const width = side(value(TAG.ImageWidth, 0), "width");
  const height = side(value(TAG.ImageLength, 0), "length");
  const samples = value(TAG.SamplesPerPixel, 1);
  if (!(samples >= 1 && samples <= MOST_SAMPLES)) throw new TiffFault(`has ${samples} samples per pixel`);
  if (value(TAG.ImageDepth, 1) > 1)
    throw new UnsupportedFault("tiles with a depth", "has tiles or strips with a depth (ImageDepth)");
  const planar = value(TAG.PlanarConfiguration, 1) === 2 && samples > 1;
  const newType = value(TAG.NewSubfileType, 0);
  const ycbcr = values.get(TAG.YCbCrSubSampling);
  return {
    ifd,
    width,
    height,
    samples,
    bits: same(values.get(TAG.BitsPerSample), 1, "bits"),
    kind: KINDS[same(values.get(TAG.SampleFormat), 1, "formats")] ?? "other",
    compression: value(TAG.Compression, 1),
    predictor: value(TAG.Predictor, 1),
    photometric: value(TAG.PhotometricInterpretation, samples >= 3 ? 2 : 1),
    planar,
    fillOrder: value(TAG.FillOrder, 1) === 2 ? 2 : 1,
    orientation: value(TAG.Orientation, 1),
    segments: segmentsOf(ifd, value, { width, height, planes: planar ? samples : 1 }),
    jpegTables: entryOf(ifd, TAG.JPEGTables),
    ycbcrSubsampling: ycbcr && [ycbcr[0] ?? 2, ycbcr[1] ?? 2],
    // Bit by bit without bit operators would be longer; the tag has 32 bits.
    isReduced: (newType & 1) === 1 || value(TAG.SubfileType, 1) === 2,
    subfileType: newType,
    noData: values.get(TAG.GdalNoData),
  };
}

function side(size: number, what: string): number {
  if (size >= 1 && size <= LARGEST_SIDE) return size;
  throw new TiffFault(`has a page with a ${what} of ${size} pixels`);
}

/** A value that is written once for each sample, or once for all. */
function same(values: ArrayLike<number> | undefined, otherwise: number, what: string): number {
  const first = values?.[0] ?? otherwise;
  for (let k = 1; k < (values?.length ?? 0); k++) {
    if (values?.[k] !== first)
      throw new UnsupportedFault(`samples of different ${what}`, `has samples of different ${what}`);
  }
  return first;
}

function segmentsOf(
  ifd: Ifd,
  value: (tag: number, otherwise: number) => number,
  page: {
    readonly width: number;
    readonly height: number;
    /** Groups of strips or tiles, one after the other. */
    readonly planes: number;
  },
): SegmentGrid {
  const tileOffsets = entryOf(ifd, TAG.TileOffsets);
  const tileWidth = value(TAG.TileWidth, 0);
  const tileLength = value(TAG.TileLength, 0);
  // Some writers put the offsets of tiles into the tags for strips.
  const tiled = tileWidth > 0 && tileLength > 0;
  const offsets = tiled
    ? (tileOffsets ?? entryOf(ifd, TAG.StripOffsets))
    : (entryOf(ifd, TAG.StripOffsets) ?? tileOffsets);
  if (offsets === undefined)
    throw new TiffFault("has a page without pixels: it lists neither strips nor tiles");
  const counts = entryOf(ifd, TAG.TileByteCounts);
  const stripCounts = entryOf(ifd, TAG.StripByteCounts);
  const rows = value(TAG.RowsPerStrip, 0);
  const width = tiled ? tileWidth : page.width;
  const stripRows = rows < 1 ? rowsOfStrips(page.height, offsets.count / page.planes) : rows;
  const height = tiled ? tileLength : Math.min(stripRows, page.height);
  return {
    tiled,
    width,
    height,
    across: Math.ceil(page.width / width),
    down: Math.ceil(page.height / height),
    offsets,
    counts: tiled ? (counts ?? stripCounts) : (stripCounts ?? counts),
  };
}

/** The rows of each of several strips of equal height, where their page does not say it; all rows if there is one strip. */
function rowsOfStrips(height: number, strips: number): number {
  const rows = Math.ceil(height / strips);
  return Math.ceil(height / rows) === strips ? rows : height;
}

/** How many tiles or strips a page has: with planar samples, those of the first sample come first, and so on. */
export function countSegments({ segments, planar, samples }: Page): number {
  return segments.across * segments.down * (planar ? samples : 1);
}

/**
 * The Zarr data type of a page's pixels; undefined where Zarr or OME-Zarr has none. Packed integers become the next wider
 * type, and floating-point numbers of 24 bits those of 32.
 */
export function dataTypeOf({ kind, bits }: Pick<Page, "kind" | "bits">): string | undefined {
  if (kind === "float") {
    if (bits === 24) return "float32";
    return [16, 32, 64].includes(bits) ? `float${bits}` : undefined;
  }
  if (kind === "int") return WIDTHS.includes(bits) ? `int${bits}` : undefined;
  const width = WIDTHS.find((size) => bits <= size);
  const isKnown = kind === "uint" && bits >= 1 && (bits < 32 || bits === width);
  return isKnown ? `uint${width}` : undefined;
}

const WIDTHS: readonly number[] = [8, 16, 32, 64];

/** Bytes of a sample of a Zarr data type. */
export function itemSizeOf(dataType: string): number {
  return Number(/\d+$/.exec(dataType)?.[0]) / 8;
}
