import type { PixelValues } from "@ozx/core";
import {
  levelFor,
  type Pyramid,
  previewLevel,
  type Rectangle,
  type Tile,
  tilesIn,
} from "../tiles/image-plane.js";
import {
  channelSlice,
  type DrawnPixels,
  planeKey,
  readTile,
  type Slice,
  toDrawn,
} from "../tiles/read-tile.js";
import type { TileLoader, WantedTile } from "../tiles/tile-loader.js";

/** A tile with the pixels of all channels of the scene, in its order. */
export interface DrawnTile {
  readonly id: string;
  readonly tile: Tile;
  readonly dtype: DrawnPixels["dtype"];
  /** As Viv takes them. The same object as long as the pixels are the same, so that textures are not uploaded again. */
  readonly channelData: {
    readonly data: readonly DrawnPixels["data"][];
    readonly width: number;
    readonly height: number;
  };
}

/** What the stage needs tiles for. */
export interface TileQuery {
  readonly pyramid: Pyramid;
  readonly slice: Slice;
  /** Positions along the channel axis. An image without one has a single channel, whose position is ignored. */
  readonly channels: readonly number[];
  readonly view: Rectangle;
  /** Pixels of the screen per unit of the plane. */
  readonly scale: number;
}

/** The visible tiles: of the level that fits the screen, and of a small one below it, which loads at once. */
export function wantedTiles({ pyramid, view, scale }: TileQuery): { below: Tile[]; fitting: Tile[] } {
  const level = levelFor(pyramid, scale);
  const preview = previewLevel(pyramid);
  const hasBelow = preview !== level && preview.width * preview.height <= 1024 * 1024;
  return { below: hasBelow ? tilesIn(preview, view) : [], fitting: tilesIn(level, view) };
}

/** One request per tile and channel. */
export function requestsFor(query: TileQuery, tiles: readonly Tile[]): WantedTile<PixelValues>[] {
  return tiles.flatMap((tile) =>
    query.channels.map((channel) => {
      const slice = channelSlice(query.pyramid, query.slice, channel);
      return {
        key: keyOf(query.pyramid, tile, slice),
        read: (signal) => readTile(query.pyramid, tile, slice, { signal }),
      };
    }),
  );
}

/**
 * The tiles whose channels are all loaded. A channel that could not be read is drawn black.
 *
 * @param known the tiles drawn before, by their ids, which are used again
 */
export function loadedTiles(
  query: TileQuery,
  tiles: readonly Tile[],
  loader: TileLoader<PixelValues>,
  known: Map<string, DrawnTile>,
): DrawnTile[] {
  return tiles.flatMap((tile) => {
    const keys = query.channels.map((channel) =>
      keyOf(query.pyramid, tile, channelSlice(query.pyramid, query.slice, channel)),
    );
    const values = keys.map((key) => loader.get(key));
    const failed = keys.map((key, at) => values[at] === undefined && loader.hasFailed(key));
    const id = keys.map((key, at) => (failed[at] ? `no ${key}` : key)).join(" ");
    const length = (tile.x[1] - tile.x[0]) * (tile.y[1] - tile.y[0]);
    const like = values.find((channel) => channel !== undefined);
    if (like !== undefined) {
      for (const [at, isFailed] of failed.entries()) if (isFailed) values[at] = zerosLike(like, length);
    }
    const drawn = known.get(id) ?? drawTile(id, tile, values);
    if (drawn === undefined) return [];
    known.set(id, drawn);
    return [drawn];
  });
}

/** Zeros of the same type: all channels of a tile must have the same one. */
function zerosLike(values: PixelValues, length: number): PixelValues {
  return new (values.constructor as new (size: number) => PixelValues)(length);
}

function drawTile(
  id: string,
  tile: Tile,
  values: readonly (PixelValues | undefined)[],
): DrawnTile | undefined {
  const pixels = values.map((channel) => channel && toDrawn(channel));
  const [first] = pixels;
  if (first === undefined || pixels.includes(undefined)) return undefined;
  const data = pixels.flatMap((channel) => (channel === undefined ? [] : [channel.data]));
  const { x, y } = tile;
  return { id, tile, dtype: first.dtype, channelData: { data, width: x[1] - x[0], height: y[1] - y[0] } };
}

function keyOf(pyramid: Pyramid, { level, row, column }: Tile, slice: Slice): string {
  const { image, roles } = pyramid;
  const positions = image.axes.map(({ name }, at) =>
    at === roles.x || at === roles.y ? "" : (slice[name] ?? 0),
  );
  return `${image.path}:${level.index}/${row}/${column}@${positions.join(",")} ${planeKey(pyramid)}`;
}
