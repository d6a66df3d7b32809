import type { AbsolutePath, ReadOptions } from "@ozx/core";
import { concatBytes } from "@ozx/core/container";
import {
  type ChunkPlace,
  type ChunkReader,
  createCache,
  createTileIndex,
  hiddenBelow,
  type LocatedChunk,
  planeLabel,
  type Rectangle,
  type TileIndex,
} from "@ozx/virtual";
import { isZstdFrame, parseZstd1 } from "../decode/zstd1.js";
import type { Tile } from "../layout/layout.js";
import { COMPRESSION } from "../parse/pixel-types.js";
import type { TileParts } from "../read/tile-parts.js";
import type { ArrayPlan } from "./array-plan.js";
import { nameTile, type ReadTile, readTile, type TileReader } from "./tile-reader.js";

/** Planes whose tiles are indexed: chunks are read plane by plane. */
const INDEXED_PLANES = 64;
/** Tiles whose headers are read at once. */
const AT_ONCE = 32;

/** Reads the chunks of an array. */
export function createChunkReader(plan: ArrayPlan, path: AbsolutePath, reader: TileReader): ChunkReader {
  const { source } = reader;
  const { level, rows, columns, access, chunkBytes, form } = plan;
  const indexes = createCache<number, TileIndex<Tile>>(INDEXED_PLANES);
  const describe = (place: ChunkPlace, tile: Tile) => (): string => {
    const label = planeLabel(plan, place);
    return `subblock ${tile.index} (${label === "" ? path : `${label} of ${path}`})`;
  };
  const regionOf = ({ row, column }: ChunkPlace): Rectangle => ({
    x: column * columns,
    y: row * rows,
    width: columns,
    height: rows,
  });
  const tilesIn = (place: ChunkPlace): readonly Tile[] => {
    const tiles = level.planes.get(place.plane);
    if (tiles === undefined) return [];
    const index = indexes.get(place.plane) ?? createTileIndex(tiles);
    indexes.set(place.plane, index);
    const region = regionOf(place);
    // Not beyond the edges, which level sizes are rounded to.
    const width = Math.min(region.width, level.width - region.x);
    const height = Math.min(region.height, level.height - region.y);
    return index.within({ ...region, width, height });
  };

  /** Where a chunk of a grid is, which has one tile; `decoded` where that is not as the others are. */
  const placeOf = (tile: Tile, parts: TileParts, place: ChunkPlace): LocatedChunk => {
    const region = regionOf(place);
    if (parts.isMasked || tile.width !== columns) return "decoded";
    if (access === "plain") {
      const rowBytes = columns * form.itemSize;
      const top = region.y - tile.y;
      const offset = top * rowBytes;
      const needed = Math.min(rows, tile.height - top) * rowBytes;
      // Pixels that are too few are followed by zeros (resolution protocol of the format).
      const length = Math.min(needed, Math.max(0, parts.pixelBytes - offset));
      const run = { source, offset: parts.pixels + offset, length, at: 0 };
      return { size: chunkBytes, runs: length > 0 ? [run] : [] };
    }
    if (tile.height !== rows) return "decoded";
    const header = frameHeader(tile, parts, plan);
    if (header === undefined) return "decoded";
    const size = parts.pixelBytes - header;
    return { size, runs: [{ source, offset: parts.pixels + header, length: size, at: 0 }] };
  };

  return {
    known(place) {
      const [tile, ...others] = tilesIn(place);
      if (tile === undefined) return undefined;
      if (access === "decoded" || others.length > 0) return "decoded";
      const parts = reader.knownParts(tile);
      return parts === undefined ? "unknown" : placeOf(tile, parts, place);
    },
    async locate(place, options) {
      const [tile, ...others] = tilesIn(place);
      if (tile === undefined) return undefined;
      if (access === "decoded" || others.length > 0) return "decoded";
      return placeOf(tile, await reader.parts(tile, describe(place, tile), options), place);
    },
    async decode(place, options) {
      const region = regionOf(place);
      const tiles = tilesIn(place);
      const [first] = tiles;
      if (first === undefined) return undefined;
      const shown = await shownTiles(tiles, place, options);
      const read = await Promise.all(
        shown.map(({ tile, parts }) =>
          readTile(reader, { tile, parts, what: describe(place, tile) }, region, options),
        ),
      );
      const pixels = await paint(read, describe(place, shown[0]?.tile ?? first), options);
      return plan.encoder?.encode(pixels) ?? pixels;
    },
  };

  /** The tiles that are not hidden below others, from the bottom to the top. */
  async function shownTiles(
    tiles: readonly Tile[],
    place: ChunkPlace,
    options?: ReadOptions,
  ): Promise<{ tile: Tile; parts: TileParts }[]> {
    const region = regionOf(place);
    const masked = new Set<Tile>();
    for (;;) {
      const shown = hiddenBelow(tiles, region, masked);
      const found: { tile: Tile; parts: TileParts }[] = [];
      for (let at = 0; at < shown.length; at += AT_ONCE) {
        const some = shown.slice(at, at + AT_ONCE);
        found.push(
          ...(await Promise.all(
            some.map(async (tile) => ({
              tile,
              parts: await reader.parts(tile, describe(place, tile), options),
            })),
          )),
        );
      }
      const news = found.filter(({ tile, parts }) => parts.isMasked && !masked.has(tile));
      if (news.length === 0) return found;
      // What a mask leaves out shows what is below.
      for (const { tile } of news) masked.add(tile);
    }
  }

  async function paint(
    tiles: readonly ReadTile[],
    what: () => string,
    options?: ReadOptions,
  ): Promise<Uint8Array> {
    const frame = concatBytes(tiles.flatMap(({ bytes }) => bytes));
    const { kind, itemSize, samples } = form;
    const layout = { rows, columns, kind, itemSize, samples, tiles: tiles.map((tile) => tile.layout) };
    try {
      return await reader.decode(frame, layout, options);
    } catch (error) {
      throw nameTile(error, source, what());
    }
  }
}

/** Bytes before the frame of a tile; undefined where it is not a frame like those of its array. */
function frameHeader(
  { compression }: Tile,
  { head }: TileParts,
  { isHighLow }: ArrayPlan,
): number | undefined {
  if (compression === COMPRESSION.zstd0) return isZstdFrame(head) && !isHighLow ? 0 : undefined;
  const header = parseZstd1(head);
  return header?.isHighLow === isHighLow ? header.length : undefined;
}
