import { type AbsolutePath, type ReadOptions, UnsupportedError } from "@ozx/core";
import { swapBytes } from "@ozx/core/container";
import {
  type ChunkPlace,
  type ChunkReader,
  createCache,
  type LocatedChunk,
  planeLabel,
  type StoredChunk,
} from "@ozx/virtual";
import type { PlaneRef } from "../layouts/layout.js";
import { dataTypeOf, type Page } from "../parse/page.js";
import type { SegmentRange, Segments } from "../read/segments.js";
import { corruptPlane, type TiffFile } from "../read/tiff-file.js";
import type { ArrayPlan } from "./array-plan.js";
import { pageOfPlane } from "./page-of-plane.js";
import { type ReadablePage, readRegion, type SegmentAccess } from "./read-region.js";
import { chunkInRun, chunkInSegments, segmentsWithin } from "./stored-chunk.js";

/** Planes whose pages are at hand: chunks are listed plane by plane, and read in the same order. */
const KNOWN_PLANES = 2048;

export function createChunkReader(plan: ArrayPlan, path: AbsolutePath, access: SegmentAccess): ChunkReader {
  const { segmentsOf } = access;
  const { level, rows, columns } = plan;
  const planes = createCache<number, { readonly file: TiffFile; readonly page: Page }>(KNOWN_PLANES);
  let arePlanesRead = false;
  const messageOf = (place: ChunkPlace): string => {
    const label = planeLabel(plan, place);
    return label === "" ? `the plane of ${path}` : `plane ${label} of ${path}`;
  };
  const readable = (place: ChunkPlace, file: TiffFile, page: Page): ReadablePage => ({
    file,
    page,
    // A text for each of a million chunks would cost more than they do.
    get what() {
      return messageOf(place);
    },
  });

  const pageOf = async (
    place: ChunkPlace,
    ref: PlaneRef,
    options?: ReadOptions,
  ): Promise<ReadablePage | undefined> => {
    const { file } = ref;
    const page = await pageOfPlane(ref, options);
    if (page === undefined) return undefined;
    const found = readable(place, file, page);
    checkPage(found, plan);
    planes.set(place.plane, { file, page });
    return found;
  };

  /** The page of a plane that was used before: to find it again can take as long as to decode a chunk. */
  const cachedPage = (place: ChunkPlace): ReadablePage | undefined => {
    const plane = planes.get(place.plane);
    return plane && readable(place, plane.file, plane.page);
  };

  /** Whether a chunk of the page must be made. @throws UnsupportedError for a page that cannot be a part of the array */
  const isDecoded = (found: ReadablePage): boolean => {
    if (plan.access === "decoded") return true;
    const { file, page } = found;
    if (hasSameForm(page, file, plan)) return false;
    if (plan.access === "plain") return true;
    throw new UnsupportedError(
      `${found.what} of ${file.name} cannot be read: its page is encoded differently from those before`,
      { location: file.name, path, feature: "pages with different encodings" },
    );
  };

  /** The rows of tiles, or the strips, that a decoded chunk is made of. */
  const decodedRanges = ({ page }: ReadablePage, place: ChunkPlace): SegmentRange[] => {
    const { segments } = page;
    const first = place.sample * segments.across * segments.down;
    const bottom = Math.min(page.height, (place.row + 1) * rows);
    const right = Math.min(page.width, (place.column + 1) * columns);
    const ranges: SegmentRange[] = [];
    for (let row = Math.floor((place.row * rows) / segments.height); row * segments.height < bottom; row++) {
      const at = first + row * segments.across;
      ranges.push({
        from: at + Math.floor((place.column * columns) / segments.width),
        to: at + Math.ceil(right / segments.width),
      });
    }
    return ranges;
  };

  return {
    async locate(place, options) {
      let found = cachedPage(place);
      if (found === undefined) {
        const ref = await level.planes.at(place.plane, options);
        if (ref === undefined) return undefined;
        if (plan.access !== "decoded" && ref.pixels !== undefined) return runOf(ref, ref.pixels, place);
        found = await pageOf(place, ref, options);
        if (found === undefined) return undefined;
      }
      const { file, page } = found;
      if (!isDecoded(found)) {
        const { from, to } = segmentsWithin(plan, found, place);
        return chunkInSegments(plan, found, place, await segmentsOf.read(file, page, { from, to }, options));
      }
      for (const range of decodedRanges(found, place)) {
        if (hasData(await segmentsOf.read(file, page, range, options))) return "decoded";
      }
      return undefined;
    },
    known(place) {
      const found = cachedPage(place);
      if (found === undefined) return knownRun(place);
      const { file, page } = found;
      if (!isDecoded(found)) {
        const segments = segmentsOf.known(file, page, segmentsWithin(plan, found, place));
        return segments === undefined ? "unknown" : chunkInSegments(plan, found, place, segments);
      }
      for (const range of decodedRanges(found, place)) {
        const segments = segmentsOf.known(file, page, range);
        if (segments === undefined) return "unknown";
        if (hasData(segments)) return "decoded";
      }
      return undefined;
    },
    async decode(place, options) {
      let found = cachedPage(place);
      if (found === undefined) {
        const ref = await level.planes.at(place.plane, options);
        found = ref && (await pageOf(place, ref, options));
        if (found === undefined) return undefined;
      }
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

  function runOf({ file }: PlaneRef, pixels: number, place: ChunkPlace): StoredChunk {
    return chunkInRun(plan, { file, pixels, what: () => messageOf(place) }, place);
  }

  /** A chunk of a plane whose page was not looked at, and need not be. */
  function knownRun(place: ChunkPlace): LocatedChunk | "unknown" {
    if (plan.access === "decoded" || arePlanesRead) return "unknown";
    const ref = level.planes.at(place.plane);
    if (ref instanceof Promise) {
      arePlanesRead = true;
      // `locate` reports it.
      ref.catch(() => {});
      return "unknown";
    }
    if (ref === undefined) return undefined;
    return ref.pixels === undefined ? "unknown" : runOf(ref, ref.pixels, place);
  }
}

function hasData({ offsets, bytes }: Segments): boolean {
  return offsets.some((offset, k) => offset !== 0 && bytes[k] !== 0);
}

/** @throws CorruptDataError for a page that is not like the others of its level */
function checkPage(found: ReadablePage, { level, dataType }: ArrayPlan): void {
  const { page, file } = found;
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
    `${found.what} has ${page.width} × ${page.height} pixels of ${page.samples} × ${page.bits} bits, unlike the others of its image`,
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
