import { Deck, OrbitView } from "@deck.gl/core";
import { Matrix4 } from "@math.gl/core";
import { XR3DLayer } from "@vivjs/layers";
import { type RefObject, useEffect, useRef, useState } from "react";
import { createCaptures, type DrawnState } from "../stage/create-stage.js";
import type { Scene, ShownChannel } from "../stage/scene.js";
import { BrightestExtension } from "./brightest-extension.js";
import { readVolume } from "./read-volume.js";
import type { VolumeLevel } from "./volume-level.js";

interface VolumeViewProps {
  readonly scene: Scene;
  readonly volume: VolumeLevel;
  readonly stage: RefObject<VolumeStage | undefined>;
  /** Called with whether all channels are drawn. */
  onDrawn(state: DrawnState): void;
  onError(error: unknown): void;
}

/** The image as a volume, read when it is first shown. `stage` is set while it is mounted. */
export function VolumeView({ scene, volume, stage, onDrawn, onError }: VolumeViewProps) {
  const parent = useRef<HTMLDivElement>(null);
  const [values, setValues] = useState<ReadonlyMap<number, Float32Array>>(new Map());
  const { pyramid, slice, channels } = scene;

  useEffect(() => {
    if (parent.current === null) return;
    const created = createVolume(parent.current, volume, onError);
    stage.current = created;
    return () => {
      stage.current = undefined;
      created.destroy();
    };
  }, [volume, stage, onError]);

  // A change along z does not read the volume again.
  const sliceKey = JSON.stringify(Object.entries(slice).filter(([axis]) => axis.toLowerCase() !== "z"));
  const shownKey = channels.map(({ index }) => index).join();
  useEffect(() => {
    const controller = new AbortController();
    const indices = shownKey === "" ? [] : shownKey.split(",").map(Number);
    const position = Object.fromEntries(JSON.parse(sliceKey) as [string, number][]);
    const { signal } = controller;
    const read = async (channel: number) =>
      [channel, await readVolume(volume, pyramid, { slice: position, channel }, { signal })] as const;
    Promise.all(indices.map(read)).then(
      (all) => signal.aborted || setValues(new Map(all)),
      (error) => signal.aborted || onError(error),
    );
    return () => controller.abort();
  }, [pyramid, volume, sliceKey, shownKey, onError]);

  const shown = channels.flatMap((channel) => {
    const read = values.get(channel.index);
    return read === undefined ? [] : [{ ...channel, values: read }];
  });
  const isComplete = shown.length > 0 && shown.length === channels.length;
  useEffect(() => {
    stage.current?.show(shown);
    onDrawn(isComplete ? "complete" : "empty");
  });

  return (
    <div ref={parent} className="stage-canvas" data-volume={isComplete}>
      {shown.length === 0 && <p className="volume-waiting">Reading the volume …</p>}
    </div>
  );
}

/** One channel of a volume; `values` as `readVolume` returns them. */
type VolumeChannel = ShownChannel & { readonly values: Float32Array };

/** A canvas that shows a volume. */
export interface VolumeStage {
  show(channels: readonly VolumeChannel[]): void;
  /** A copy of the picture on the screen. */
  capture(): Promise<HTMLCanvasElement>;
  destroy(): void;
}

/** Shared by all volumes: another instance would compile another shader. */
const EXTENSIONS = [new BrightestExtension()];

/** Shows a volume as a maximum intensity projection that the user can rotate. */
function createVolume(
  parent: HTMLDivElement,
  volume: VolumeLevel,
  onError: (error: unknown) => void,
): VolumeStage {
  const { width, height, depth, voxel } = volume;
  const scaling = new Matrix4().scale([...voxel]);
  const box = [width * voxel[0], height * voxel[1], depth * voxel[2]] as const;
  const extent = Math.min(parent.clientWidth, parent.clientHeight);
  const captures = createCaptures(parent);
  const deck = new Deck({
    parent,
    views: new OrbitView({ id: "volume", controller: true, orbitAxis: "Y" }),
    initialViewState: {
      target: [box[0] / 2, box[1] / 2, box[2] / 2],
      zoom: Math.log2((extent * 0.75) / Math.hypot(...box)),
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
        // Viv compiles its shader for a number of channels.
        id: `volume of ${channels.length}`,
        channelData: data.channelData,
        selections: channels.map(() => ({})),
        channels,
        // Windows and colours are applied by the extension.
        contrastLimits: channels.map(() => [0, 1]),
        colors: channels.map(() => [255, 255, 255]),
        channelsVisible: channels.map(() => true),
        dtype: "Float32",
        physicalSizeScalingMatrix: scaling,
        resolutionMatrix: new Matrix4(),
        parameters: { cullMode: "front", depthWriteEnabled: false, depthCompare: "always" },
        extensions: EXTENSIONS,
      };
      // Viv's types lack the properties that every layer of deck.gl has.
      const layer = new XR3DLayer(props as unknown as ConstructorParameters<typeof XR3DLayer>[0]);
      deck.setProps({ layers: channels.length === 0 ? [] : [layer] });
    },
    capture: () => captures.take(deck),
    destroy: () => deck.finalize(),
  };
}
