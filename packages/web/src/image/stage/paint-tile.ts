import { compositeChannels } from "@ozx/core";
import type { DrawnTile } from "./drawn-tiles.js";
import { paintLabels } from "./label-colors.js";
import type { PicturePart } from "./painter.js";
import type { ShownChannel } from "./scene.js";

type ChannelData = DrawnTile["channelData"];
type Values = ChannelData["data"][number];

/** A square part of a tile, or less at its edges. */
export interface Block {
  /** Its first pixel in the tile, and its extents in pixels. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Of so many pixels along both axes one is painted: 1, 2, 4 and so on. */
  readonly step: number;
}

/** Colours along the sides of a block. */
const SIDE = 512;

/** The blocks of a tile. A large tile is painted only where it is seen. */
export function blocksOf({ channelData: { width, height } }: DrawnTile, step: number): Block[] {
  const extent = SIDE * step;
  const startsIn = (size: number): number[] =>
    Array.from({ length: Math.ceil(size / extent) }, (_, at) => at * extent);
  return startsIn(height).flatMap((y) =>
    startsIn(width).map((x) => ({
      ...{ x, y, step, width: Math.min(extent, width - x), height: Math.min(extent, height - y) },
    })),
  );
}

/** The colours of a block: red, green, blue and alpha in the order of `ImageData`, row after row. */
type Colors = Uint32Array<ArrayBuffer>;

/** The blocks of tiles as they were painted last. They last as long as the pixels do. */
const painted = new WeakMap<ChannelData, { readonly look: string; readonly blocks: Map<string, Colors> }>();

/**
 * Paints a block of a tile of an image, or of a label image, unless it was painted alike the last time.
 *
 * @param look tells apart what a tile may be painted as
 * @returns a colour for every `step` pixels along both axes
 */
export function paintBlock(
  { channelData }: DrawnTile,
  block: Block,
  part: PicturePart,
  look: string,
): Colors {
  const lookOfTile = `${block.step} ${look}`;
  let known = painted.get(channelData);
  if (known?.look !== lookOfTile) {
    known = { look: lookOfTile, blocks: new Map() };
    painted.set(channelData, known);
  }
  const key = `${block.x},${block.y}`;
  let colors = known.blocks.get(key);
  if (colors === undefined) {
    const planes = channelData.data.map((values) => valuesOf(values, channelData.width, block));
    const rgba =
      "label" in part
        ? paintLabels(planes[0] ?? [], part.label.model)
        : compositeChannels(part.channels.flatMap((channel, at) => shownAs(channel, planes[at])));
    colors = new Uint32Array(rgba.buffer);
    known.blocks.set(key, colors);
  }
  return colors;
}

/** A channel as core takes it. */
function shownAs({ window, ramp, gamma, rgb }: ShownChannel, values: Values | undefined) {
  const color = rgb.map((part) => part.toString(16).padStart(2, "0")).join("");
  return values === undefined ? [] : [{ values, window, ramp, gamma, color }];
}

/** The values of a block, of which each is the one in the middle of those that it stands for. */
function valuesOf(values: Values, columns: number, { x, y, width, height, step }: Block): Values {
  if (step === 1 && width * height === values.length) return values;
  const [kept, rows] = [Math.ceil(width / step), Math.ceil(height / step)];
  const block = new (values.constructor as new (length: number) => Values)(kept * rows);
  const middle = step >> 1;
  for (let row = 0, to = 0; row < rows; row++) {
    const start = (y + Math.min(height - 1, row * step + middle)) * columns + x;
    for (let column = 0; column < kept; column++, to++) {
      block[to] = values[start + Math.min(width - 1, column * step + middle)] as number;
    }
  }
  return block;
}
