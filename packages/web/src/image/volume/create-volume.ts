import { Deck, OrbitView } from "@deck.gl/core";
import { Matrix4 } from "@math.gl/core";
import { ColorPalette3DExtensions } from "@vivjs/extensions";
import { XR3DLayer } from "@vivjs/layers";
import { createCaptures } from "../stage/captures.js";
import type { ShownChannel } from "../stage/channel-extension.js";
import type { VolumeLevel } from "./read-volume.js";

/** One channel of a volume. */
export type VolumeChannel = ShownChannel & { readonly values: Float32Array };

export interface VolumeStage {
  show(channels: readonly VolumeChannel[]): void;
  /** The picture as it is on the screen. */
  capture(): Promise<HTMLCanvasElement>;
  destroy(): void;
}

const EXTENSIONS = [new ColorPalette3DExtensions.MaximumIntensityProjectionExtension({})];

/** Draws a volume as seen from a side that can be turned: along each ray the brightest value. */
export function createVolume(
  parent: HTMLDivElement,
  volume: VolumeLevel,
  onError: (error: unknown) => void,
): VolumeStage {
  const { width, height, depth, voxel } = volume;
  const scaling = new Matrix4().scale([...voxel]);
  const box = [width * voxel[0], height * voxel[1], depth * voxel[2]] as const;
  const room = Math.min(parent.clientWidth, parent.clientHeight);
  const captures = createCaptures(parent);
  const deck = new Deck({
    parent,
    views: new OrbitView({ id: "volume", controller: true, orbitAxis: "Y" }),
    initialViewState: {
      target: [box[0] / 2, box[1] / 2, box[2] / 2],
      zoom: Math.log2((room * 0.75) / Math.hypot(...box)),
      rotationX: -25,
      rotationOrbit: 25,
    },
    layers: [],
    onError,
    onAfterRender: captures.onAfterRender,
  });
  let data: { key: readonly Float32Array[]; channelData: object } | undefined;
  return {
    show(channels) {
      const key = channels.map(({ values }) => values);
      if (
        data === undefined ||
        data.key.length !== key.length ||
        data.key.some((one, at) => one !== key[at])
      ) {
        data = { key, channelData: { data: key, width, height, depth } };
      }
      const props = {
        // Viv compiles its shader for so many channels.
        id: `volume of ${channels.length}`,
        channelData: data.channelData,
        selections: channels.map(() => ({})),
        contrastLimits: channels.map(({ window }) => [window.start, window.end]),
        colors: channels.map(({ rgb }) => [...rgb]),
        channelsVisible: channels.map(() => true),
        dtype: "Float32",
        physicalSizeScalingMatrix: scaling,
        resolutionMatrix: new Matrix4(),
        parameters: { cullMode: "front", depthWriteEnabled: false, depthCompare: "always" },
        extensions: EXTENSIONS,
      };
      // Viv's description of the layer leaves out what every layer of deck.gl has.
      const layer = new XR3DLayer(props as unknown as ConstructorParameters<typeof XR3DLayer>[0]);
      deck.setProps({ layers: channels.length === 0 ? [] : [layer] });
    },
    capture: () => captures.take(deck),
    destroy: () => deck.finalize(),
  };
}
