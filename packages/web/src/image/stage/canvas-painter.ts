import type { DrawnTile } from "./drawn-tiles.js";
import { type Block, blocksOf, paintBlock } from "./paint-tile.js";
import { copyOnBlack, type Painter, type Picture, type PicturePart } from "./painter.js";

/**
 * Draws by the processor alone, for computers whose browser has no graphics card. Pixels are coloured once; then a
 * picture that is moved or zoomed takes one copy for each pixel of the screen.
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
      for (const block of blocksOf(tile, stepFor(tile, scale)))
        paintOn(screen, axes, { tile, block, part, look });
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

interface BlockOnScreen {
  readonly tile: DrawnTile;
  readonly block: Block;
  readonly part: PicturePart;
  readonly look: string;
}

/** Copies the colours of a block to those pixels of the screen whose middles are on it. */
function paintOn(
  { width, height, pixels }: Screen,
  axes: { readonly x: ScreenAxis; readonly y: ScreenAxis },
  { tile, block, part, look }: BlockOnScreen,
): void {
  const { level, x, y } = tile.tile;
  const { step } = block;
  const across = pixelsUnder(axes.x, width, {
    ...{ left: level.left, size: level.stepX, first: x[0] + block.x, count: block.width, step },
  });
  const down = pixelsUnder(axes.y, height, {
    ...{ left: level.top, size: level.stepY, first: y[0] + block.y, count: block.height, step },
  });
  if (across.indices.length * down.indices.length === 0) return;
  const colors = paintBlock(tile, block, part, look);
  const columns = Math.ceil(block.width / step);
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

/** The pixels of a block along an axis. */
interface BlockAxis {
  /** The outer edge of the first pixel of the level on the plane, and the size of each. */
  readonly left: number;
  readonly size: number;
  /** The first pixel of the block, counted from that of the level, and how many it has. */
  readonly first: number;
  readonly count: number;
  /** Of so many one is painted. */
  readonly step: number;
}

/** The first pixel of the screen on a block, and for it and each next one the index of the colour there. */
function pixelsUnder(
  { scale, start }: ScreenAxis,
  most: number,
  { left, size, first, count, step }: BlockAxis,
): { first: number; indices: Int32Array } {
  // The end of a block is computed as the start of the next one is, so that there is no gap between them.
  const onScreen = (pixel: number): number => Math.ceil((left + pixel * size - start) * scale - 0.5);
  const from = Math.max(0, onScreen(first));
  const indices = new Int32Array(Math.max(0, Math.min(most, onScreen(first + count)) - from));
  for (let at = 0; at < indices.length; at++) {
    const pixel = Math.floor((start + (from + at + 0.5) / scale - left) / size) - first;
    indices[at] = Math.floor(Math.max(0, Math.min(count - 1, pixel)) / step);
  }
  return { first: from, indices };
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
