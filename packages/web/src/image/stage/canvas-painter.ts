import type { DrawnTile } from "./drawn-tiles.js";
import { type PaintedTile, paintTile } from "./paint-tile.js";
import { copyOnBlack, type Painter, type Picture, type PicturePart } from "./painter.js";

/**
 * Draws by the processor alone, for computers whose browser has no graphics card. Tiles are coloured once; a picture
 * that moves or is zoomed takes a copy of each pixel of the screen.
 */
export function createCanvasPainter(parent: HTMLElement): Painter {
  const canvas = document.createElement("canvas");
  canvas.className = "painted";
  parent.append(canvas);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let image = new ImageData(1, 1);
  return {
    paint(picture) {
      const ratio = devicePixelRatio;
      const width = Math.max(1, Math.round(picture.size.width * ratio));
      const height = Math.max(1, Math.round(picture.size.height * ratio));
      if (image.width !== width || image.height !== height) image = new ImageData(width, height);
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      paintPicture({ width, height, pixels: new Uint32Array(image.data.buffer), ratio }, picture);
      context?.putImageData(image, 0, 0);
    },
    capture: async () => copyOnBlack(canvas),
    destroy: () => canvas.remove(),
  };
}

/** The pixels of a screen. */
interface Screen {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and alpha of each, in the order of `ImageData`. */
  readonly pixels: Uint32Array;
  /** Pixels of the screen per pixel of CSS. */
  readonly ratio: number;
}

function paintPicture(screen: Screen, { camera, size, parts }: Picture): void {
  const scale = 2 ** camera.zoom * screen.ratio;
  const along = (middle: number, pixels: number): ScreenAxis => ({
    scale,
    start: middle - (pixels * screen.ratio) / 2 / scale,
  });
  const axes = { x: along(camera.x, size.width), y: along(camera.y, size.height) };
  screen.pixels.fill(0);
  for (const part of parts) {
    const look = lookOf(part);
    for (const tile of part.tiles) {
      const step = stepFor(tile, scale);
      paintOn(screen, axes, { tile, painted: paintTile(tile, part, { look, step }), part });
    }
  }
}

function lookOf(part: PicturePart): string {
  return "label" in part ? "labels" : JSON.stringify(part.channels);
}

/** Of how many pixels of a tile one is painted: a power of two, so that zooming seldom paints again. */
function stepFor({ tile: { level } }: DrawnTile, scale: number): number {
  const pixels = 1 / (Math.max(level.stepX, level.stepY) * scale);
  return 2 ** Math.max(0, Math.floor(Math.log2(pixels)));
}

/** Where the pixels of the screen along an axis lie on the plane of the image. */
interface ScreenAxis {
  /** Pixels of the screen per unit of the plane. */
  readonly scale: number;
  /** The outer edge of the first pixel, on the plane. */
  readonly start: number;
}

interface TileOnScreen {
  readonly tile: DrawnTile;
  readonly painted: PaintedTile;
  readonly part: PicturePart;
}

/** Copies the pixels of a tile to those pixels of the screen whose middles are on it. */
function paintOn(
  { width, height, pixels }: Screen,
  axes: { readonly x: ScreenAxis; readonly y: ScreenAxis },
  { tile: { tile, channelData }, painted: { step, columns, colors }, part }: TileOnScreen,
): void {
  const { bounds, level } = tile;
  const across = pixelsUnder(axes.x, width, {
    ...{ from: bounds.left, to: bounds.right, size: level.stepX, count: channelData.width, step },
  });
  const down = pixelsUnder(axes.y, height, {
    ...{ from: bounds.top, to: bounds.bottom, size: level.stepY, count: channelData.height, step },
  });
  const opacity = "label" in part ? part.label.opacity : undefined;
  for (let row = 0; row < down.indices.length; row++) {
    const from = (down.indices[row] as number) * columns;
    const to = (down.first + row) * width + across.first;
    for (let column = 0; column < across.indices.length; column++) {
      const color = colors[from + (across.indices[column] as number)] as number;
      pixels[to + column] =
        opacity === undefined ? color : over(pixels[to + column] as number, color, opacity);
    }
  }
}

/** Pixels of a tile along an axis: their edges and size on the plane, how many, and of how many one is painted. */
interface TileAxis {
  readonly from: number;
  readonly to: number;
  readonly size: number;
  readonly count: number;
  readonly step: number;
}

/** The first pixel of the screen on a tile, and for it and each next one the index of what is painted there. */
function pixelsUnder(
  { scale, start }: ScreenAxis,
  most: number,
  { from, to, size, count, step }: TileAxis,
): { first: number; indices: Int32Array } {
  const first = Math.max(0, Math.ceil((from - start) * scale - 0.5));
  const end = Math.min(most, Math.ceil((to - start) * scale - 0.5));
  const indices = new Int32Array(Math.max(0, end - first));
  for (let at = 0; at < indices.length; at++) {
    const pixel = Math.floor((start + (first + at + 0.5) / scale - from) / size);
    indices[at] = Math.floor(Math.max(0, Math.min(count - 1, pixel)) / step);
  }
  return { first, indices };
}

/** A colour over another one, by its alpha and an opacity from 0 to 1. */
function over(below: number, color: number, opacity: number): number {
  const alpha = ((color >>> 24) / 255) * opacity;
  if (alpha === 0) return below;
  const rest = ((below >>> 24) / 255) * (1 - alpha);
  const mixed = (shift: number): number =>
    Math.round((((color >>> shift) & 255) * alpha + ((below >>> shift) & 255) * rest) / (alpha + rest)) <<
    shift;
  return (Math.round((alpha + rest) * 255) << 24) | mixed(16) | mixed(8) | mixed(0);
}
