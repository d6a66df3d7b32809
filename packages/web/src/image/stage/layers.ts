import type { Layer } from "@deck.gl/core";
import { BitmapLayer } from "@deck.gl/layers";
import { VivLayerExtension } from "@vivjs/extensions";
import { XRLayer } from "@vivjs/layers";
import type { Rectangle } from "../tiles/image-plane.js";
import type { DrawnTile } from "./drawn-tiles.js";
import { paintLabels } from "./label-colors.js";
import type { LabelScene, ShownChannel } from "./scene.js";
import {
  CHANNEL,
  type ChannelLayer,
  type ChannelShading,
  setShownChannels,
  shadingOf,
  shownChannels,
} from "./shown-channels.js";

/** The shader module that adds up the colours of all channels. */
function addedChannels(shading: ChannelShading) {
  const shown = shownChannels(shading);
  return {
    ...shown,
    fs: `${shown.fs}
vec3 add_channels(float[NUM_CHANNELS] values) {
  vec3 rgb = vec3(0.);
  rgb += colorOf${CHANNEL}(values[${CHANNEL}]);
  return rgb;
}
`,
    inject: {
      ...shown.inject,
      "fs:DECKGL_MUTATE_COLOR": "rgba = vec4(add_channels(intensity), 1.);",
    },
  };
}

/** Colours channels exactly as core's `compositeChannels` does. */
class ChannelExtension extends VivLayerExtension {
  static override extensionName = "ChannelExtension";

  /** @param shading deck.gl compiles the shader again when it changes */
  constructor(shading: ChannelShading) {
    super(shading);
  }

  override getVivShaderTemplates(this: ChannelLayer) {
    return { modules: [addedChannels(shadingOf(this.props.channels))] };
  }

  override updateState(this: ChannelLayer) {
    setShownChannels(this);
  }
}

/** One of Viv's raster layers per tile. */
export function imageLayers(tiles: readonly DrawnTile[], channels: readonly ShownChannel[]): Layer[] {
  const extensions = [new ChannelExtension(shadingOf(channels))];
  return tiles.map(
    ({ id, tile, dtype, channelData }) =>
      new XRLayer({
        id,
        dtype,
        channelData,
        bounds: boundsOf(tile.bounds),
        channels,
        // Viv counts channels by these; windows and colours are applied by the extension.
        selections: channels.map(() => ({})),
        contrastLimits: channels.map(() => [0, 1]),
        channelsVisible: channels.map(() => true),
        interpolation: "nearest",
        pickable: false,
        extensions,
      }),
  );
}

const painted = new WeakMap<object, ImageData>();

/** One bitmap layer per tile of a label image, because Viv's layers cannot colour each value. */
export function labelLayers(tiles: readonly DrawnTile[], { model, opacity }: LabelScene): Layer[] {
  return tiles.map(({ id, tile, channelData }) => {
    let image = painted.get(channelData);
    if (image === undefined) {
      const [values = []] = channelData.data;
      image = new ImageData(paintLabels(values, model), channelData.width, channelData.height);
      painted.set(channelData, image);
    }
    return new BitmapLayer({
      id: `labels ${id}`,
      image,
      bounds: boundsOf(tile.bounds),
      // deck.gl applies a gamma of 2.2 to the opacity: without this, 0.5 would be drawn as 0.73.
      opacity: opacity ** 2.2,
      textureParameters: { minFilter: "nearest", magFilter: "nearest" },
    });
  });
}

function boundsOf({ left, top, right, bottom }: Rectangle): [number, number, number, number] {
  return [left, bottom, right, top];
}
