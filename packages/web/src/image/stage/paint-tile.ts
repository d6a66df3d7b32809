import { compositeChannels } from "@ozx/core";
import type { DrawnTile } from "./drawn-tiles.js";
import { paintLabels } from "./label-colors.js";
import type { LabelScene, ShownChannel } from "./scene.js";

type ChannelData = DrawnTile["channelData"];
type Values = ChannelData["data"][number];

/** The colours of a tile's pixels. */
export interface PaintedTile {
  /** Pixels of the tile for each colour, along both axes. */
  readonly step: number;
  /** Colours in a row. */
  readonly columns: number;
  /** Red, green, blue and alpha of each, in the order of `ImageData`. */
  readonly colors: Uint32Array<ArrayBuffer>;
}

/** Tiles as they were painted last. They last as long as the pixels do. */
const painted = new WeakMap<ChannelData, PaintedTile & { readonly look: string }>();

/**
 * Paints a tile of an image, or of a label image, unless it was painted alike the last time.
 *
 * @param look tells apart what a tile may be painted as
 * @param step 1 paints all pixels, 2 every second one along both axes, and so on
 */
export function paintTile(
  { channelData }: DrawnTile,
  as: { readonly channels: readonly ShownChannel[] } | { readonly label: LabelScene },
  { look, step }: { readonly look: string; readonly step: number },
): PaintedTile {
  const known = painted.get(channelData);
  if (known?.look === look && known.step === step) return known;
  const planes = channelData.data.map((values) => everyNth(values, channelData, step));
  const rgba =
    "label" in as
      ? paintLabels(planes[0] ?? [], as.label.model)
      : compositeChannels(as.channels.flatMap((channel, at) => shownAs(channel, planes[at])));
  const tile = {
    ...{ look, step },
    columns: Math.ceil(channelData.width / step),
    colors: new Uint32Array(rgba.buffer),
  };
  painted.set(channelData, tile);
  return tile;
}

/** A channel as core takes it. */
function shownAs({ window, ramp, gamma, rgb }: ShownChannel, values: Values | undefined) {
  const color = rgb.map((part) => part.toString(16).padStart(2, "0")).join("");
  return values === undefined ? [] : [{ values, window, ramp, gamma, color }];
}

/** One of `step` pixels along both axes: the one in the middle of those that it stands for. */
function everyNth(values: Values, { width, height }: ChannelData, step: number): Values {
  if (step === 1) return values;
  const [columns, rows] = [Math.ceil(width / step), Math.ceil(height / step)];
  const kept = new (values.constructor as new (length: number) => Values)(columns * rows);
  const middle = step >> 1;
  for (let row = 0, to = 0; row < rows; row++) {
    const start = Math.min(height - 1, row * step + middle) * width;
    for (let column = 0; column < columns; column++, to++) {
      kept[to] = values[start + Math.min(width - 1, column * step + middle)] as number;
    }
  }
  return kept;
}
