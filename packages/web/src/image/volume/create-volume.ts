import { Deck, OrbitView } from "@deck.gl/core";
import { Matrix4 } from "@math.gl/core";
import { XR3DLayer } from "@vivjs/layers";
import type { Clip, Orbit, RayMode } from "../model/shown-as.js";
import { createCaptures, finalizeDeck } from "../stage/deck-canvas.js";
import type { ShownChannel } from "../stage/scene.js";
import { RayExtension } from "./ray-extension.js";
import type { VolumeLevel } from "./volume-level.js";

/** One channel of a volume; `values` as `readVolume` returns them. */
export type VolumeChannel = ShownChannel & { readonly values: Float32Array };

/** Labels over a volume; `values` are their colours, as `packColors` has them. */
export interface VolumeLabels {
  readonly values: Float32Array;
  readonly opacity: number;
}

/** What of a volume is shown, and how. */
export interface VolumeLook {
  readonly labels: readonly VolumeLabels[];
  readonly ray: RayMode;
  /** Fractions of the volume along x, y and z. */
  readonly clip: readonly [Range, Range, Range];
  readonly orbit: Orbit;
}

type Range = readonly [number, number];

/** A canvas that shows a volume. */
export interface VolumeStage {
  show(channels: readonly VolumeChannel[], look: VolumeLook): void;
  /** Turns it by pixels of the screen, as if it were dragged, and zooms it by steps of a power of two. */
  turn(right: number, down: number, zoom: number): void;
  /** A copy of the picture on the screen. */
  capture(): Promise<HTMLCanvasElement>;
  destroy(): void;
}

/** How a volume is turned at first. */
export const FIRST_ORBIT: Orbit = { tilt: -25, turn: 25, zoom: 0 };

/** Of which part of a clip's range is shown: see `VolumeLook`. */
export function clipFractions(clip: Clip, sizeOf: (axis: string) => number): VolumeLook["clip"] {
  const part = (axis: "x" | "y" | "z"): Range => {
    const range = clip[axis];
    return range === undefined ? [0, 1] : [range[0] / sizeOf(axis), range[1] / sizeOf(axis)];
  };
  return [part("x"), part("y"), part("z")];
}

/** Shared by all volumes: another instance would compile another shader. */
const extensions = new Map<string, RayExtension[]>();

function extensionsFor(ray: RayMode, labels: readonly number[]): RayExtension[] {
  const key = `${ray} ${labels}`;
  const known = extensions.get(key) ?? [new RayExtension(ray, labels)];
  extensions.set(key, known);
  return known;
}

/** Labels as a channel without brightness, whose gamma is their opacity. */
function labelChannel({ values, opacity }: VolumeLabels): VolumeChannel {
  return { values, window: { start: 3.4e38, end: 3.4e38 }, rgb: [0, 0, 0], gamma: opacity };
}

/** The parts of a view state of `OrbitView` that the user changes. */
interface Turned {
  readonly rotationX?: number;
  readonly rotationOrbit?: number;
  readonly zoom?: number | [number, number];
}

interface VolumeEvents {
  /** Called when the user turns or zooms the volume. */
  onOrbit(orbit: Orbit): void;
  onError(error: unknown): void;
}

/** Shows a volume that the user can turn. */
export function createVolume(
  parent: HTMLDivElement,
  { width, height, depth, voxel }: VolumeLevel,
  { onOrbit, onError }: VolumeEvents,
): VolumeStage {
  const scaling = new Matrix4().scale([...voxel]);
  const box = [width * voxel[0], height * voxel[1], depth * voxel[2]] as const;
  const fitting = (): number =>
    Math.log2((Math.min(parent.clientWidth, parent.clientHeight) * 0.75) / Math.hypot(...box));
  const captures = createCaptures(parent);
  const deck = new Deck({
    parent,
    views: new OrbitView({ id: "volume", controller: { keyboard: false }, orbitAxis: "Y" }),
    viewState: { target: [0, 0, 0], zoom: 0 },
    onViewStateChange: ({ viewState }) => {
      const { rotationX = 0, rotationOrbit = 0, zoom } = viewState as Turned;
      onOrbit({ tilt: rotationX, turn: rotationOrbit, zoom: Number(zoom ?? 0) - fitting() });
    },
    layers: [],
    onError,
    onAfterRender: captures.onAfterRender,
  });
  let data: { key: readonly Float32Array[]; channelData: object } | undefined;
  let current = FIRST_ORBIT;
  return {
    turn(right, down, zoom) {
      onOrbit({
        tilt: Math.max(-90, Math.min(90, current.tilt + down / 5)),
        turn: current.turn + right / 5,
        zoom: Math.max(-10, Math.min(10, current.zoom + zoom)),
      });
    },
    show(image, { ray, clip, orbit, labels }) {
      current = orbit;
      const channels = [...image, ...labels.map(labelChannel)];
      const labelIndices = labels.map((_, at) => image.length + at);
      const key = channels.map(({ values }) => values);
      if (
        data === undefined ||
        data.key.length !== key.length ||
        data.key.some((one, at) => one !== key[at])
      ) {
        data = { key, channelData: { data: key, width, height, depth } };
      }
      const [x, y, z] = clip;
      const along = ([from, to]: Range, axis: 0 | 1 | 2): number[] => [from * box[axis], to * box[axis]];
      const props = {
        // Viv compiles its shader for a number of channels.
        id: `volume of ${channels.length} ${ray} ${labelIndices}`,
        channelData: data.channelData,
        selections: channels.map(() => ({})),
        channels,
        // Windows and colours are applied by the extension.
        contrastLimits: channels.map(() => [0, 1]),
        colors: channels.map(() => [255, 255, 255]),
        channelsVisible: channels.map(() => true),
        dtype: "Float32",
        xSlice: along(x, 0),
        // The rows of a volume are from bottom to top.
        ySlice: along([1 - y[1], 1 - y[0]], 1),
        zSlice: along(z, 2),
        physicalSizeScalingMatrix: scaling,
        resolutionMatrix: new Matrix4(),
        parameters: { cullMode: "front", depthWriteEnabled: false, depthCompare: "always" },
        extensions: extensionsFor(ray, labelIndices),
      };
      // Viv's types lack the properties that every layer of deck.gl has.
      const layer = new XR3DLayer(props as unknown as ConstructorParameters<typeof XR3DLayer>[0]);
      deck.setProps({
        layers: image.length === 0 ? [] : [layer],
        viewState: {
          target: [box[0] / 2, box[1] / 2, box[2] / 2],
          rotationX: orbit.tilt,
          rotationOrbit: orbit.turn,
          zoom: orbit.zoom + fitting(),
        },
      });
    },
    capture: () => captures.take(deck),
    destroy: () => finalizeDeck(deck, parent),
  };
}
