import type { Layer } from "@deck.gl/core";
import { BitmapLayer } from "@deck.gl/layers";
import type { PixelValues } from "@ozx/core";
import { XRLayer } from "@vivjs/layers";
import type { Rectangle } from "../tiles/pyramid.js";
import { ChannelExtension } from "./channel-extension.js";
import type { DrawnTile } from "./drawn-tiles.js";
import { paintLabels } from "./label-colors.js";
import type { LabelScene, Scene } from "./scene.js";

/** The same ones for all layers: another one would mean another shader. */
const EXTENSIONS = [new ChannelExtension()];

/** One of Viv's raster layers for each tile. */
export function imageLayers(tiles: readonly DrawnTile[], { channels }: Scene): Layer[] {
  return tiles.map(
    ({ id, tile, dtype, channelData }) =>
      new XRLayer({
        id,
        dtype,
        channelData,
        bounds: boundsOf(tile.place),
        channels,
        // What Viv counts channels by; windows and colours are the extension's.
        selections: channels.map(() => ({})),
        contrastLimits: channels.map(() => [0, 1]),
        channelsVisible: channels.map(() => true),
        interpolation: "nearest",
        pickable: false,
        extensions: EXTENSIONS,
      }),
  );
}

const painted = new WeakMap<object, ImageData>();

/** Label images are painted here: Viv's layers know no colour for each value. */
export function labelLayers(tiles: readonly DrawnTile[], { model, opacity }: LabelScene): Layer[] {
  return tiles.map(({ id, tile, channelData }) => {
    let image = painted.get(channelData);
    if (image === undefined) {
      const [values] = channelData.data;
      image = new ImageData(paintLabels(values as PixelValues, model), channelData.width, channelData.height);
      painted.set(channelData, image);
    }
    return new BitmapLayer({
      id: `labels ${id}`,
      image,
      bounds: boundsOf(tile.place),
      // deck.gl takes an opacity for one that was corrected by a gamma of 2.2, and a half would be seven tenths.
      opacity: opacity ** 2.2,
      textureParameters: { minFilter: "nearest", magFilter: "nearest" },
    });
  });
}

function boundsOf({ left, top, right, bottom }: Rectangle): [number, number, number, number] {
  return [left, bottom, right, top];
}
