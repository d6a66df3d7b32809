import type { PixelValues } from "@ozx/core";
import { levelFor, type Pyramid, type Rectangle, type Tile, tilesIn } from "../tiles/image-plane.js";
import { asDrawn, type DrawnPixels, readTile, type Slice } from "../tiles/read-tile.js";
import type { TileLoader, WantedTile } from "../tiles/tile-loader.js";

/** A tile with the pixels of all its channels, in the order of the scene. */
export interface DrawnTile {
  readonly id: string;
  readonly tile: Tile;
  readonly dtype: DrawnPixels["dtype"];
  /** As Viv takes them; the same object for as long as the pixels are the same. */
  readonly channelData: {
    readonly data: readonly DrawnPixels["data"][];
    readonly width: number;
    readonly height: number;
  };
}

export interface TileQuery {
  readonly pyramid: Pyramid;
  readonly slice: Slice;
  /** Positions along the channel axis; one that does not matter where there is none. */
  readonly channels: readonly number[];
  readonly view: Rectangle;
  /** Pixels of the screen a unit of the plane. */
  readonly scale: number;
}

/** The tiles of what is to be seen: a small level below all, which is there at once, and the one that fits. */
export function wantedTiles({ pyramid, view, scale }: TileQuery): { below: Tile[]; fitting: Tile[] } {
  const level = levelFor(pyramid, scale);
  const smallest = pyramid.levels.reduce((a, b) => (b.stepX > a.stepX ? b : a));
  const hasBelow = smallest !== level && smallest.width * smallest.height <= 1024 * 1024;
  return { below: hasBelow ? tilesIn(smallest, view) : [], fitting: tilesIn(level, view) };
}

export function requestsFor(query: TileQuery, tiles: readonly Tile[]): WantedTile<PixelValues>[] {
  return tiles.flatMap((tile) =>
    query.channels.map((channel) => {
      const slice = sliceWith(query, channel);
      return {
        key: keyOf(query.pyramid, tile, slice),
        read: (signal) => readTile(query.pyramid, tile, slice, { signal }),
      };
    }),
  );
}

/** The tiles of which all channels are there, but for those that could not be read: they are left dark. */
export function loadedTiles(
  query: TileQuery,
  tiles: readonly Tile[],
  loader: TileLoader<PixelValues>,
  known: Map<string, DrawnTile>,
): DrawnTile[] {
  return tiles.flatMap((tile) => {
    const keys = query.channels.map((channel) => keyOf(query.pyramid, tile, sliceWith(query, channel)));
    const values = keys.map((key) => loader.get(key));
    const failed = keys.map((key, at) => values[at] === undefined && loader.hasFailed(key));
    const id = keys.map((key, at) => (failed[at] ? `no ${key}` : key)).join(" ");
    const length = (tile.x[1] - tile.x[0]) * (tile.y[1] - tile.y[0]);
    const like = values.find((channel) => channel !== undefined);
    if (like !== undefined) {
      for (const [at, isFailed] of failed.entries()) if (isFailed) values[at] = darkLike(like, length);
    }
    const drawn = known.get(id) ?? drawTile(id, tile, values);
    if (drawn === undefined) return [];
    known.set(id, drawn);
    return [drawn];
  });
}

/** Zeros of the same type, as all channels of a tile must have. */
function darkLike(values: PixelValues, length: number): PixelValues {
  return new (values.constructor as new (size: number) => PixelValues)(length);
}

function drawTile(
  id: string,
  tile: Tile,
  values: readonly (PixelValues | undefined)[],
): DrawnTile | undefined {
  const pixels = values.map((channel) => channel && asDrawn(channel));
  const [first] = pixels;
  if (first === undefined || pixels.includes(undefined)) return undefined;
  const data = pixels.flatMap((channel) => (channel === undefined ? [] : [channel.data]));
  const { x, y } = tile;
  return { id, tile, dtype: first.dtype, channelData: { data, width: x[1] - x[0], height: y[1] - y[0] } };
}

function sliceWith({ pyramid: { image, roles }, slice }: TileQuery, channel: number): Slice {
  const name = roles.channel === undefined ? undefined : image.axes[roles.channel]?.name;
  return name === undefined ? slice : { ...slice, [name]: channel };
}

function keyOf({ image, roles }: Pyramid, { level, row, column }: Tile, slice: Slice): string {
  const positions = image.axes.map(({ name }, at) =>
    at === roles.x || at === roles.y ? "" : (slice[name] ?? 0),
  );
  return `${image.path}:${level.index}/${row}/${column}@${positions.join(",")}`;
}
