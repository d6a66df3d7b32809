import type { JsonObject } from "@ozx/core";
import { type AxisName, type ChunkEncoder, storedCodecs, type VirtualArray } from "@ozx/virtual";
import { packHighLow } from "../decode/zstd1.js";
import type { CziImage, CziLevel, Tile } from "../layout/layout.js";
import { dataTypeOf, type PixelForm } from "../layout/pixel-form.js";
import { COMPRESSION, nameOfCompression } from "../parse/pixel-types.js";
import { gridOf, type TileGrid } from "./tile-grid.js";
import { rawFrame, rawFrameBytes } from "./zstd-frame.js";

/** How a level becomes a Zarr array. */
export interface ArrayPlan extends VirtualArray {
  readonly level: CziLevel;
  readonly form: PixelForm;
  /**
   * `plain`: a chunk is a part of uncompressed pixels in the file. `frames`: it is a frame of Zstandard in the file.
   * `decoded`: it is painted from tiles.
   */
  readonly access: "plain" | "frames" | "decoded";
  /** Of `frames`: whether their bytes are packed as `packHighLow` packs them. */
  readonly isHighLow: boolean;
}

/** Bytes of a chunk that is cut from a larger plane. */
const BAND = 1024 * 1024;
/** Planes of up to so many bytes are one chunk. */
const WHOLE_PLANE = 2 * BAND;
/** The largest tile that is a chunk. */
const LARGEST_CHUNK = 256 * BAND;
/** The sides of chunks that are painted from tiles. */
const SIDE = 1024;
const LARGEST_SIDE = 4096;

/**
 * How a level becomes a Zarr array.
 *
 * @param isHighLow whether the frames of the first tile with samples of 16 bits are packed; undefined where there is none
 */
export function planArray(
  level: CziLevel,
  { sizes, form }: Pick<CziImage, "sizes" | "form">,
  axes: readonly AxisName[],
  isHighLow: boolean | undefined,
): ArrayPlan {
  const { width, height } = level;
  const { samples, itemSize } = form;
  const grid = samples === 1 ? gridOf(level, form) : undefined;
  const isPacked = grid?.compression === COMPRESSION.zstd1 && itemSize === 2 && isHighLow === true;
  const access = accessOf(grid, form);
  const { rows, columns } = chunkSides(level, form, { access, grid });
  const chunkBytes = rows * columns * samples * itemSize;
  const extents = { ...sizes, c: sizes.c * samples, y: height, x: width };
  const chunk = { t: 1, c: samples, z: 1, y: rows, x: columns };
  return {
    level,
    form,
    access,
    isHighLow: access === "frames" && isPacked,
    axes,
    sizes,
    samples,
    shape: axes.map((axis) => extents[axis]),
    chunkShape: axes.map((axis) => chunk[axis]),
    dataType: dataTypeOf(form),
    chunkChannels: samples,
    rows,
    columns,
    chunkBytes,
    codecs: storedCodecs(
      axes,
      { chunkChannels: samples, itemSize, bigEndian: false },
      ...(access === "frames" ? compressorsOf(isPacked) : []),
    ),
    ...(access === "frames" && { encoder: frameEncoder(chunkBytes, isPacked) }),
    encoding: encodingOf(access, grid, level),
  };
}

/** A tile of an image that may be a frame of Zarr, if only the packing of its bytes were known. */
export function packedTile({ levels, form }: CziImage): Tile | undefined {
  // Writers pack samples of 16 bits only.
  if (form.samples > 1 || form.itemSize !== 2) return undefined;
  for (const level of levels) {
    const grid = gridOf(level, form);
    if (grid?.compression === COMPRESSION.zstd1) return grid.first;
  }
  return undefined;
}

function accessOf(grid: TileGrid | undefined, { itemSize }: PixelForm): ArrayPlan["access"] {
  if (grid === undefined) return "decoded";
  const { compression, width, height } = grid;
  if (compression === COMPRESSION.none) return "plain";
  if (width * height * itemSize > LARGEST_CHUNK) return "decoded";
  return compression === COMPRESSION.zstd0 || compression === COMPRESSION.zstd1 ? "frames" : "decoded";
}

function compressorsOf(isPacked: boolean): JsonObject[] {
  return [
    // The low bytes of all samples and then the high ones are what a shuffle of two bytes makes.
    ...(isPacked ? [{ name: "numcodecs.shuffle", configuration: { elementsize: 2 } }] : []),
    { name: "zstd", configuration: { level: 0, checksum: false } },
  ];
}

function frameEncoder(chunkBytes: number, isPacked: boolean): ChunkEncoder {
  return {
    bytes: rawFrameBytes(chunkBytes),
    encode: (pixels) => rawFrame(isPacked ? packHighLow(pixels) : pixels),
  };
}

interface Access {
  readonly access: ArrayPlan["access"];
  readonly grid: TileGrid | undefined;
}

function chunkSides(
  { width, height, planes }: CziLevel,
  { itemSize, samples }: PixelForm,
  { access, grid }: Access,
): { readonly rows: number; readonly columns: number } {
  const pixel = itemSize * samples;
  if (grid !== undefined && access === "frames") return { rows: grid.height, columns: grid.width };
  if (grid !== undefined && access === "plain") {
    // Rows of several tiles do not follow one another in the file, and those of a tile do.
    if (grid.width * grid.height * pixel <= WHOLE_PLANE) return { rows: grid.height, columns: grid.width };
    const bands = Math.max(1, Math.round((grid.width * grid.height * pixel) / BAND));
    const isAlone = grid.height >= height;
    const rows = isAlone ? Math.ceil(height / bands) : divisorNear(grid.height, grid.height / bands);
    return { rows, columns: grid.width };
  }
  const tiles = firstOf(planes);
  const [only] = tiles;
  if (tiles.length === 1 && only !== undefined && width * height * pixel <= LARGEST_CHUNK / 4) {
    // A tile that is decoded is decoded once.
    return { rows: height, columns: width };
  }
  return {
    rows: sideOf(
      tiles.map(({ y }) => y),
      height,
    ),
    columns: sideOf(
      tiles.map(({ x }) => x),
      width,
    ),
  };
}

/** The largest divisor of a size that is not much smaller than asked for; the size itself where there is none. */
function divisorNear(size: number, wanted: number): number {
  const least = Math.max(1, Math.floor(wanted / 4));
  for (let divisor = Math.max(1, Math.floor(wanted)); divisor >= least; divisor--) {
    if (size % divisor === 0) return divisor;
  }
  return size;
}

/** The distance between most tiles, so that most chunks are painted from one; else what viewers like. */
function sideOf(starts: readonly number[], size: number): number {
  const sorted = [...new Set(starts)].sort((a, b) => a - b);
  const steps = sorted
    .slice(1)
    .map((start, k) => start - (sorted[k] ?? 0))
    .filter((step) => step >= SIDE / 4)
    .sort((a, b) => a - b);
  const step = steps[Math.floor(steps.length / 2)];
  return Math.min(size, step === undefined || step > LARGEST_SIDE ? SIDE : step);
}

function firstOf(planes: CziLevel["planes"]): readonly Tile[] {
  const [first = []] = planes.values();
  return first;
}

/** As in `JPEG XR tiles, decoded when read`; undefined for what is not compressed and used as it is. */
function encodingOf(
  access: ArrayPlan["access"],
  grid: TileGrid | undefined,
  { planes }: CziLevel,
): string | undefined {
  if (access === "plain") return undefined;
  if (access === "frames") return "Zstandard tiles, copied as they are";
  const names = new Set<string>();
  for (const tiles of planes.values())
    for (const { compression } of tiles) names.add(nameOfCompression(compression));
  const stored = [...names].map((name) => (name === "no compression" ? "uncompressed" : name)).join(" and ");
  return `${stored} tiles, ${grid === undefined ? "put together" : "decoded"} when read`;
}
