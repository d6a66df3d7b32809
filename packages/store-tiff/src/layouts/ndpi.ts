import { type ReadOptions, UnsupportedError } from "@ozx/core";
import { micrometers, type Quantity } from "@ozx/virtual";
import { entryOf } from "../parse/ifd.js";
import type { Page, SegmentGrid } from "../parse/page.js";
import { restartTiles } from "../parse/restart-tiles.js";
import { TAG } from "../parse/tags.js";
import type { TiffFile } from "../read/tiff-file.js";
import type { ImageLevel } from "./layout.js";
import type { SlideKind } from "./slide-kind.js";

/** Bytes of decoded pixels that fit into memory at once. */
const LARGEST_STRIP = 512 * 1024 * 1024;
/** The longest part of a JPEG before its scan data that is looked at. */
const LONGEST_HEADER = 64 * 1024;
/** Tiles of one page: more than any slide has of 4096 × 8 pixels. */
const MOST_TILES = 16 * 1024 * 1024;
/** CaptureMode from which on pixels have 16 bits, whatever other tags say of them (tifffile). */
const FIRST_OF_16_BITS = 7;
/** Centimetres (ResolutionUnit). */
const CENTIMETRE = 3;

/**
 * A slide by Hamamatsu: each page is one JPEG, which restarts at equal distances, so that any part can be decoded. The
 * magnification of other pictures of the glass is negative.
 *
 * @returns undefined for other files
 */
export async function ndpiKind(
  file: TiffFile,
  { ifd }: Page,
  options?: ReadOptions,
): Promise<SlideKind | undefined> {
  const isNdpi = entryOf(ifd, TAG.NdpiFileFormat) !== undefined && entryOf(ifd, TAG.Make) !== undefined;
  if (!isNdpi) return undefined;
  const number = async (tag: number): Promise<number> => (await file.numbers(ifd, tag, options))?.[0] ?? 0;
  if ((await number(TAG.NdpiCaptureMode)) >= FIRST_OF_16_BITS) {
    throw refused(file, "its pixels have 16 bits, which its tags do not say");
  }
  const isCentimetre = (await number(TAG.ResolutionUnit)) === CENTIMETRE;
  const size = async (tag: number): Promise<Quantity | undefined> => {
    const perCentimetre = await number(tag);
    return isCentimetre && perCentimetre > 0 ? micrometers(1e4 / perCentimetre) : undefined;
  };
  return {
    title: "Hamamatsu NDPI",
    axis: "z",
    scale: { x: await size(TAG.XResolution), y: await size(TAG.YResolution) },
    isApart: async (page) => ((await file.numbers(page.ifd, TAG.NdpiSourceLens, options))?.[0] ?? 0) < 0,
    levelOf: (level) => tiledLevel(level, options),
  };
}

/** A level with the parts between restarts as tiles. */
async function tiledLevel(level: ImageLevel, options?: ReadOptions): Promise<ImageLevel> {
  const { file, page } = level;
  const { segments, samples } = page;
  const fits = segments.tiled || segments.width * segments.height * samples <= LARGEST_STRIP;
  const tiled = await tiledPage(file, page, { ...options, isExact: fits });
  if (tiled === undefined) {
    if (fits) return level;
    throw refused(
      file,
      `its picture of ${segments.width} × ${segments.height} pixels is one JPEG without restarts`,
    );
  }
  const planes: ImageLevel["planes"] = {
    async at(index, options) {
      const plane = await level.planes.at(index, options);
      if (plane === undefined) return undefined;
      const own = await file.page(plane.ifd, options);
      const isOwn = own.ifd.offset === page.ifd.offset;
      const found = isOwn ? tiled : await tiledPage(file, own, { ...options, isExact: fits });
      return found && { file, ifd: plane.ifd, page: found };
    },
  };
  return { ...level, page: tiled, planes };
}

/**
 * A page whose JPEG restarts where its rows are cut into equal parts; undefined for other pages.
 *
 * @param options.isExact whether the tiles must have the pixels of the whole JPEG, also at their edges
 */
async function tiledPage(
  file: TiffFile,
  page: Page,
  { isExact, ...options }: ReadOptions & { readonly isExact: boolean },
): Promise<Page | undefined> {
  const starts = entryOf(page.ifd, TAG.NdpiMcuStarts);
  const { segments } = page;
  if (starts === undefined || starts.count > MOST_TILES || segments.tiled || segments.down > 1)
    return undefined;
  const low = await file.numbers(page.ifd, TAG.NdpiMcuStarts, options);
  const high = await file.numbers(page.ifd, TAG.NdpiMcuStartsHigh, options);
  const strip = (await file.numbers(page.ifd, segments.offsets.tag, options))?.[0] ?? 0;
  const bytes = segments.counts && (await file.numbers(page.ifd, segments.counts.tag, options))?.[0];
  const [first = 0] = low ?? [];
  const isInFile = bytes !== undefined && strip > 0 && strip + bytes <= file.source.size;
  if (low === undefined || !isInFile || first <= 0 || first > Math.min(LONGEST_HEADER, bytes))
    return undefined;
  const header = await file.source.read(strip, first, options);
  const tiles = restartTiles(header, page);
  if (tiles === undefined || tiles.across * tiles.down !== low.length) return undefined;
  if (isExact && tiles.isSubsampled) return undefined;
  const at = (k: number): number =>
    k < low.length ? (low[k] as number) + (high?.[k] ?? 0) * 0x1_0000_0000 : bytes;
  const offsets = new Float64Array(low.length);
  const lengths = new Float64Array(low.length);
  for (let k = 0; k < low.length; k++) {
    offsets[k] = strip + at(k);
    lengths[k] = at(k + 1) - at(k);
    if (!((lengths[k] as number) > 0) || at(k + 1) > bytes) return undefined;
  }
  const { width, height, across, down } = tiles;
  const grid: SegmentGrid = { ...segments, tiled: true, width, height, across, down };
  return { ...page, segments: { ...grid, known: { offsets, bytes: lengths } }, jpegHeader: tiles.header };
}

function refused({ name }: TiffFile, why: string): UnsupportedError {
  return new UnsupportedError(
    `${name} cannot be read: it is a Hamamatsu NDPI, and ${why}; convert it with bioformats2raw first`,
    { location: name, feature: "Hamamatsu NDPI" },
  );
}
