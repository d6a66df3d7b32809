import { compositeChannels, type PixelValues } from "@ozx/core";
import { createThrottle } from "@ozx/core/container";
import { paintLabels } from "../image/stage/label-colors.js";
import type { LabelScene, Scene } from "../image/stage/scene.js";
import {
  levelFor,
  type PlacedLevel,
  type Pyramid,
  type Rectangle,
  type Tile,
} from "../image/tiles/image-plane.js";
import { channelSlice, readTile } from "../image/tiles/read-tile.js";

/** A picture of a part of the plane, in a size of its own. */
export interface PictureRequest {
  readonly scene: Scene;
  /** Within the plane. */
  readonly region: Rectangle;
  /** In pixels of the picture. */
  readonly width: number;
  readonly height: number;
}

interface DrawOptions {
  readonly signal: AbortSignal;
  /** Takes the next rows: red, green and blue for each pixel. `top` is the first of them. */
  onRows(rows: Uint8Array, top: number): Promise<void>;
}

/** Bytes of the rows that are drawn at once. */
const MOST_BAND = 64 * 1024 * 1024;
/** Pixels that are coloured at once, for the page to stay responsive. */
const MOST_PIXELS = 256 * 1024;

/**
 * Draws a picture from top to bottom, with the colours of the screen. Pixels are read once, of the level whose resolution
 * fits; the memory needed depends on the chunks, and not on the size of the picture.
 *
 * @throws the error of a chunk that cannot be read
 */
export async function drawPicture(request: PictureRequest, { signal, onRows }: DrawOptions): Promise<void> {
  const { scene, region, width, height } = request;
  const { pyramid, labels } = scene;
  const level = levelFor(pyramid, width / (region.right - region.left));
  const columns = sourcePixels(
    region.left,
    region.right,
    width,
    (x) => (x - level.left) / level.stepX,
    level.width,
  );
  const rows = sourcePixels(
    region.top,
    region.bottom,
    height,
    (y) => (y - level.top) / level.stepY,
    level.height,
  );
  const bandHeight = Math.max(1, Math.min(level.tileHeight, Math.floor(MOST_BAND / (3 * width))));
  const pause = createThrottle({ signal });
  for (const band of runsOf(rows, bandHeight)) {
    const picture = new Uint8Array((band.end - band.start) * width * 3);
    for (const part of runsOf(columns, level.tileWidth)) {
      signal.throwIfAborted();
      const target: Target = { picture, width, top: band.start, rows, columns, band, part };
      await drawChannels(scene, level, target, { signal, pause });
      for (const label of labels) await drawLabels(request, label, target, { signal, pause });
    }
    await onRows(picture, band.start);
  }
}

/** Pixels of the picture from `start` to `end`, which come from the pixels `from` to `to` of a level; ends exclusive. */
interface Run {
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
}

/** A part of the picture to draw into. */
interface Target {
  readonly picture: Uint8Array;
  readonly width: number;
  /** The first row of `picture` within the whole. */
  readonly top: number;
  /** The row and the column of the level for each row and column of the whole picture. */
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  readonly band: Run;
  readonly part: Run;
}

/** For each pixel of the picture along an axis, the pixel of the level that it shows. */
function sourcePixels(
  from: number,
  to: number,
  count: number,
  positionOf: (planePosition: number) => number,
  extent: number,
): Int32Array {
  const step = (to - from) / count;
  return Int32Array.from({ length: count }, (_, at) =>
    Math.max(0, Math.min(extent - 1, Math.floor(positionOf(from + (at + 0.5) * step)))),
  );
}

/** The runs of pixels that come from the same part of a level, each part having `extent` pixels. */
function* runsOf(source: Int32Array, extent: number): Generator<Run> {
  for (let start = 0; start < source.length; ) {
    const part = Math.floor((source[start] as number) / extent);
    let end = start + 1;
    while (end < source.length && Math.floor((source[end] as number) / extent) === part) end++;
    yield { start, end, from: source[start] as number, to: (source[end - 1] as number) + 1 };
    start = end;
  }
}

interface StepOptions {
  readonly signal: AbortSignal;
  pause(): Promise<void> | undefined;
}

async function drawChannels(
  { pyramid, slice, channels }: Scene,
  level: PlacedLevel,
  target: Target,
  { signal, pause }: StepOptions,
): Promise<void> {
  const { band, part, rows } = target;
  const tile = tileOf(level, [part.from, part.to], [band.from, band.to]);
  const planes = await Promise.all(
    channels.map(({ index }) => readTile(pyramid, tile, channelSlice(pyramid, slice, index), { signal })),
  );
  if (channels.length === 0) return;
  const width = part.to - part.from;
  for (const strip of stripsOf(band, (row) => rows[row] as number, MOST_PIXELS / width)) {
    const cut = (values: PixelValues): PixelValues =>
      values.subarray((strip.from - band.from) * width, (strip.to - band.from) * width);
    const rgba = compositeChannels(
      channels.map(({ window, rgb, ramp, gamma }, at) => ({
        values: cut(planes[at] as PixelValues),
        color: rgb.map((value) => value.toString(16).padStart(2, "0")).join(""),
        ...{ window, ramp, gamma },
      })),
    );
    copyPixels(rgba, { ...target, band: strip });
    await pause();
  }
}

/** Cuts a run into shorter ones, which come from about as many rows of the level as they may. */
function* stripsOf({ start, end }: Run, rowOf: (row: number) => number, most: number): Generator<Run> {
  for (let first = start; first < end; ) {
    const from = rowOf(first);
    let last = first + 1;
    while (last < end && rowOf(last) < from + most) last++;
    yield { start: first, end: last, from, to: rowOf(last - 1) + 1 };
    first = last;
  }
}

function copyPixels(
  rgba: Uint8ClampedArray,
  { picture, width, top, rows, columns, band, part }: Target,
): void {
  const stride = part.to - part.from;
  for (let row = band.start; row < band.end; row++) {
    let to = ((row - top) * width + part.start) * 3;
    const line = ((rows[row] as number) - band.from) * stride - part.from;
    for (let column = part.start; column < part.end; column++) {
      const from = 4 * (line + (columns[column] as number));
      picture[to++] = rgba[from] as number;
      picture[to++] = rgba[from + 1] as number;
      picture[to++] = rgba[from + 2] as number;
    }
  }
}

/** Draws a label image over a part of the picture. */
async function drawLabels(
  { scene: { slice }, region, width, height }: PictureRequest,
  { pyramid, model, opacity }: LabelScene,
  target: Target,
  { signal, pause }: StepOptions,
): Promise<void> {
  const [stepX, stepY] = [(region.right - region.left) / width, (region.bottom - region.top) / height];
  const level = levelFor(pyramid, 1 / stepX);
  const columnAt = (column: number): number =>
    Math.floor((region.left + (column + 0.5) * stepX - level.left) / level.stepX);
  const rowAt = (row: number): number =>
    Math.floor((region.top + (row + 0.5) * stepY - level.top) / level.stepY);
  const { band, part, picture, top } = target;
  const x = within(columnAt(part.start), columnAt(part.end - 1) + 1, level.width);
  const y = within(rowAt(band.start), rowAt(band.end - 1) + 1, level.height);
  if (x === undefined || y === undefined) return;
  const values = await readTile(pyramid, tileOf(level, x, y), slice, { signal });
  const extent = x[1] - x[0];
  for (const strip of stripsOf(band, rowAt, MOST_PIXELS / extent)) {
    const [from, to] = [Math.max(strip.from, y[0]), Math.min(strip.to, y[1])];
    if (from >= to) continue;
    const rgba = paintLabels(values.subarray((from - y[0]) * extent, (to - y[0]) * extent), model);
    for (let row = strip.start; row < strip.end; row++) {
      const labelRow = rowAt(row);
      if (labelRow < from || labelRow >= to) continue;
      for (let column = part.start; column < part.end; column++) {
        const labelColumn = columnAt(column);
        if (labelColumn < x[0] || labelColumn >= x[1]) continue;
        const source = 4 * ((labelRow - from) * extent + labelColumn - x[0]);
        blendPixel(picture, 3 * ((row - top) * target.width + column), rgba, source, opacity);
      }
    }
    await pause();
  }
}

/** Blends a pixel of red, green, blue and alpha over one of red, green and blue. */
export function blendPixel(
  picture: Uint8Array,
  to: number,
  rgba: Uint8ClampedArray,
  from: number,
  opacity: number,
): void {
  const alpha = ((rgba[from + 3] as number) / 255) * opacity;
  if (alpha === 0) return;
  for (let part = 0; part < 3; part++) {
    const below = picture[to + part] as number;
    picture[to + part] = Math.round(below + ((rgba[from + part] as number) - below) * alpha);
  }
}

function within(from: number, to: number, extent: number): readonly [number, number] | undefined {
  const [start, end] = [Math.max(0, from), Math.min(extent, to)];
  return start < end ? [start, end] : undefined;
}

function tileOf(
  level: Pyramid["levels"][number],
  x: readonly [number, number],
  y: readonly [number, number],
): Tile {
  // Only drawn tiles need bounds.
  return { level, row: 0, column: 0, x, y, bounds: { left: 0, top: 0, right: 0, bottom: 0 } };
}
