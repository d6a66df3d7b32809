import { type ByteSource, isOzxError, type ReadOptions, UnsupportedError } from "@ozx/core";
import { createCache, type Rectangle } from "@ozx/virtual";
import type { RegionDecoder, TileLayout } from "../decode/region-layout.js";
import type { Tile } from "../layout/layout.js";
import { COMPRESSION, pixelTypeOf } from "../parse/pixel-types.js";
import { corruptTile, readTileParts, type TileParts } from "../read/tile-parts.js";

/** Reads the subblocks of a file. */
export interface TileReader {
  readonly source: ByteSource;
  /** Decodes what is read. */
  readonly decode: RegionDecoder;
  /** Where the parts of a tile are. @throws CorruptDataError */
  parts(tile: Tile, what: () => string, options?: ReadOptions): Promise<TileParts>;
  /** As `parts`, without reading anything; undefined where they are not known. */
  knownParts(tile: Tile): TileParts | undefined;
}

/** Tiles whose parts are kept: as many as fit into some dozen megabytes. */
const KNOWN_TILES = 262_144;

/** The reader of a file's tiles. */
export function createTileReader(source: ByteSource, decode: RegionDecoder): TileReader {
  const known = createCache<number, TileParts>(KNOWN_TILES);
  return {
    source,
    decode,
    knownParts: ({ position }) => known.get(position),
    async parts(tile, what, options) {
      const { position, compression } = tile;
      const found = known.get(position);
      if (found !== undefined) return found;
      const isCompressed = compression === COMPRESSION.zstd0 || compression === COMPRESSION.zstd1;
      const parts = await readTileParts(source, { position, isCompressed, what }, options);
      known.set(position, parts);
      return parts;
    },
  };
}

/** Compressed pixels are at most so many times as large as they are without, and so much longer. */
const MOST_TIMES = 4;
const MOST_BESIDES = 256 * 1024;
/** A mask of one bit a pixel and its header, and what else may follow in an attachment. */
const MOST_MASK = 512 * 1024 * 1024;

/** A tile that is painted, with its bytes. */
export interface ReadTile {
  readonly layout: TileLayout;
  /** The pixels as they are stored, and the mask. */
  readonly bytes: readonly Uint8Array[];
}

/**
 * Reads what of a tile is in a region: of uncompressed pixels only the rows that are.
 *
 * @throws CorruptDataError
 */
export async function readTile(
  { source }: TileReader,
  { tile, parts, what }: { readonly tile: Tile; readonly parts: TileParts; readonly what: () => string },
  region: Rectangle,
  options?: ReadOptions,
): Promise<ReadTile> {
  const { width, height, x, y, compression, pixelType } = tile;
  const type = pixelTypeOf(pixelType);
  const row = width * (type === undefined ? 0 : type.samples * type.itemSize);
  const isPlain = compression === COMPRESSION.none;
  const firstRow = isPlain ? Math.max(0, region.y - y) : 0;
  const rows = isPlain ? Math.min(height, region.y + region.height - y) - firstRow : height;
  const most = row * height * MOST_TIMES + MOST_BESIDES;
  if (!isPlain && parts.pixelBytes > most) {
    throw corruptTile(source, what(), `has ${parts.pixelBytes} bytes, far more than its pixels need`);
  }
  // Too few are followed by zeros.
  const from = Math.min(parts.pixelBytes, firstRow * row);
  const length = isPlain ? Math.min(parts.pixelBytes - from, rows * row) : parts.pixelBytes;
  const maskBytes = parts.isMasked ? Math.min(parts.attachmentBytes, MOST_MASK) : 0;
  const bytes = await Promise.all([
    source.read(parts.pixels + from, length, options),
    ...(maskBytes > 0 ? [source.read(parts.attachment, maskBytes, options)] : []),
  ]);
  return {
    bytes,
    layout: {
      pixelBytes: length,
      maskBytes,
      ...{ pixelType, compression, width, height: rows, firstRow },
      left: x - region.x,
      top: y + firstRow - region.y,
    },
  };
}

/** The error for tiles that cannot be decoded; it may come from another thread, where it has lost its own class. */
export function nameTile(error: unknown, source: ByteSource, what: string): unknown {
  if (!isOzxError(error) || !("reason" in error)) return error;
  const reason = String(error.reason);
  if (isOzxError(error, "CorruptData")) return corruptTile(source, what, reason, error);
  if (!isOzxError(error, "Unsupported")) return error;
  return new UnsupportedError(
    `${what} of ${source.name} cannot be read: it ${reason}`,
    { location: source.name, feature: error.feature },
    { cause: error },
  );
}
