import type { JsonObject } from "@ozx/core";
import { type AxisName, type PlaneSizes, storedCodecs, type VirtualArray } from "@ozx/virtual";
import { describeCompression } from "../decode/compressions.js";
import { refusedColour } from "../decode/decode-segment.js";
import type { ImageLevel } from "../layouts/layout.js";
import { noDataValue } from "../parse/no-data.js";
import { dataTypeOf, itemSizeOf, type Page } from "../parse/page.js";

/** How a level becomes a Zarr array. */
export interface ArrayPlan extends VirtualArray {
  readonly level: ImageLevel;
  /** Bytes of a sample in the array. */
  readonly itemSize: number;
  /**
   * `stored`: a chunk is a tile or strip as it is in the file. `plain`: it is a part of uncompressed pixels. `decoded`:
   * tiles or strips are decoded for it.
   */
  readonly access: "stored" | "plain" | "decoded";
  /** Whether samples are big-endian in the chunks. */
  readonly bigEndian: boolean;
}

/** Codecs of Zarr that store what a compression of TIFF does. */
const STORED: ReadonlyMap<number, JsonObject> = new Map([
  ...[8, 32946].map((code): [number, JsonObject] => [
    code,
    { name: "numcodecs.zlib", configuration: { level: 1 } },
  ]),
  ...[50000, 34926].map((code): [number, JsonObject] => [
    code,
    { name: "zstd", configuration: { level: 0, checksum: false } },
  ]),
]);

/** What pixels stand for that are no intensities (PhotometricInterpretation). */
const REFUSED_COLOURS: Readonly<Record<number, string>> = {
  8: "CIELAB colour",
  9: "ICC L*a*b* colour",
  10: "ITU L*a*b* colour",
  32803: "a camera's colour filter array",
  32844: "logarithmic luminance",
  32845: "logarithmic luminance and colour",
};

/** Bytes of a chunk that is cut from a larger plane. */
const BAND = 1024 * 1024;
/** Planes of up to so many bytes are one chunk. */
const WHOLE_PLANE = 2 * BAND;
/** Strips of fewer bytes are joined: one row each would be thousands of chunks. */
const SMALL_STRIP = 64 * 1024;

/**
 * How a level becomes a Zarr array.
 *
 * @returns the plan, or why there is none, as the end of a sentence about the level
 */
export function planArray(
  level: ImageLevel,
  sizes: PlaneSizes,
  axes: readonly AxisName[],
): ArrayPlan | string {
  const { page } = level;
  const dataType = dataTypeOf(page);
  if (dataType === undefined) return `has pixels of ${page.bits}-bit ${page.kind} samples`;
  const meaning = REFUSED_COLOURS[page.photometric];
  if (meaning !== undefined) return `has pixels of ${meaning}, which OME-Zarr cannot describe`;
  const { name, supported, reason: why } = describeCompression(page.compression);
  if (!supported) return `is compressed with ${name}, which cannot be decoded: ${why}`;
  const colour = refusedColour(page);
  if (colour !== undefined) return colour;
  const itemSize = itemSizeOf(dataType);
  const fillValue = noDataValue(page.noData, dataType);
  const chunkChannels = page.planar ? 1 : page.samples;
  const { access, reason } = accessOf(level);
  const encoding = encodingOf(page, access, reason);
  const { rows, columns } =
    access === "stored"
      ? { rows: page.segments.height, columns: page.segments.width }
      : chunkSides(page, itemSize, access, fillValue !== 0);
  const extents = { ...sizes, c: sizes.c * page.samples, y: page.height, x: page.width };
  const chunk = { t: 1, c: chunkChannels, z: 1, y: rows, x: columns };
  const bigEndian = access !== "decoded" && !level.file.header.littleEndian && itemSize > 1;
  const compressor = access === "stored" ? STORED.get(page.compression) : undefined;
  return {
    level,
    axes,
    sizes,
    shape: axes.map((axis) => extents[axis]),
    chunkShape: axes.map((axis) => chunk[axis]),
    dataType,
    fillValue,
    samples: page.samples,
    codecs: storedCodecs(axes, { chunkChannels, itemSize, bigEndian }, ...(compressor ? [compressor] : [])),
    chunkChannels,
    rows,
    columns,
    chunkBytes: rows * columns * chunkChannels * itemSize,
    itemSize,
    access,
    bigEndian,
    encoding,
  };
}

/** As in `LZW with predictor 2, decoded when read`; undefined for what is not compressed and used as it is. */
function encodingOf(
  { compression, predictor, segments: { tiled } }: Page,
  access: ArrayPlan["access"],
  reason?: string,
): string | undefined {
  if (access === "plain") return undefined;
  const { name } = describeCompression(compression);
  if (access === "stored") return `${name} ${tiled ? "tiles" : "strips"}, copied as they are`;
  const predicted = compression !== 1 && predictor !== 1 ? ` with predictor ${predictor}` : "";
  const stored = compression === 1 ? "not compressed" : `${name}${predicted}`;
  return [stored, reason, "decoded when read"].filter((part) => part !== undefined).join(", ");
}

/** How chunks are made, and why they are decoded where the compression and predictor do not say it. */
interface ChunkAccess {
  readonly access: ArrayPlan["access"];
  readonly reason?: string;
}

function accessOf({ page, isUniform }: ImageLevel): ChunkAccess {
  const decoded = (reason: string): ChunkAccess => ({ access: "decoded", reason });
  if (![8, 16, 32, 64].includes(page.bits)) return decoded(`${page.bits}-bit samples`);
  if (page.fillOrder === 2) return decoded("fill order 2");
  if (!isUniform) return decoded("pages with different encodings");
  // Readers ignore the predictor of what is not compressed.
  if (page.compression === 1) return { access: "plain" };
  if (!STORED.has(page.compression) || page.predictor !== 1) return { access: "decoded" };
  const { tiled, down, height, width } = page.segments;
  if (tiled || down === 1) return { access: "stored" };
  if (page.height % height !== 0) return decoded("short last strip");
  const strip = height * width * (page.planar ? 1 : page.samples) * (page.bits / 8);
  return strip < SMALL_STRIP ? decoded("small strips") : { access: "stored" };
}

/**
 * The rows and columns of a chunk that is made of tiles or strips: a tile, or a plane, or a band of it.
 *
 * @param isFilled whether strips that were never written have another value than 0, which only a missing chunk has
 */
function chunkSides(
  page: Page,
  itemSize: number,
  access: "plain" | "decoded",
  isFilled: boolean,
): { readonly rows: number; readonly columns: number } {
  const { segments, height, width } = page;
  if (segments.tiled) {
    const tile = segments.height * segments.width * (page.planar ? 1 : page.samples) * itemSize;
    // Tiles that are strips of a few rows: the parts between restarts of a JPEG.
    const joined = segments.known === undefined ? 1 : Math.max(1, Math.floor(BAND / tile));
    return { rows: segments.height * Math.min(joined, segments.down), columns: segments.width };
  }
  if (isFilled) return { rows: segments.height, columns: width };
  const rowBytes = width * (page.planar ? 1 : page.samples) * itemSize;
  if (rowBytes * height <= WHOLE_PLANE) return { rows: height, columns: width };
  // A compressed strip is decoded as a whole, and an uncompressed one can be read in part.
  const step = access === "decoded" || segments.height * rowBytes < BAND ? segments.height : 1;
  const bands = Math.max(1, Math.round((rowBytes * height) / BAND));
  const even = Math.ceil(height / bands);
  return { rows: Math.min(height, Math.ceil(even / step) * step), columns: width };
}
