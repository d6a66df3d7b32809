import { type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { extentAlong, type Orbit, type ShownAs } from "../model/shown-as.js";
import type { DrawnState } from "../stage/create-stage.js";
import { graphics } from "../stage/graphics.js";
import type { Scene } from "../stage/scene.js";
import type { Slice } from "../tiles/read-tile.js";
import {
  clipFractions,
  createVolume,
  FIRST_ORBIT,
  type VolumeLabels,
  type VolumeStage,
} from "./create-volume.js";
import { type DrawnLabels, drawnLabels, packColors } from "./label-volume.js";
import { readVolume } from "./read-volume.js";
import type { VolumeLevel } from "./volume-level.js";

interface VolumeViewProps {
  readonly scene: Scene;
  readonly volume: VolumeLevel;
  readonly shownAs: ShownAs;
  readonly stage: RefObject<VolumeStage | undefined>;
  /** Called with whether all channels are drawn. */
  onDrawn(state: DrawnState): void;
  /** Called when the user turns or zooms the volume. */
  onOrbit(orbit: Orbit): void;
  onError(error: unknown): void;
}

/** The image as a volume, or what to do where the browser cannot draw one. */
export function VolumeView(props: VolumeViewProps) {
  return graphics() === "none" ? <NoVolume onDrawn={props.onDrawn} /> : <DrawnVolume {...props} />;
}

function NoVolume({ onDrawn }: Pick<VolumeViewProps, "onDrawn">) {
  useEffect(() => onDrawn("complete"), [onDrawn]);
  return (
    <div className="no-volume" role="alert">
      <strong>This browser cannot draw volumes because it has no WebGL 2.</strong>
      <p>
        Turn on hardware acceleration in the browser’s settings, update the graphics driver, or open the page
        in another browser. Slices and orthogonal views are drawn without it.
      </p>
    </div>
  );
}

/** The volume, read when it is first shown. `stage` is set while it is mounted. */
function DrawnVolume({ scene, volume, shownAs, stage, onDrawn, onOrbit, onError }: VolumeViewProps) {
  const parent = useRef<HTMLDivElement>(null);
  const [values, setValues] = useState<ReadonlyMap<number, Float32Array>>(new Map());
  const { pyramid, slice, channels } = scene;

  useEffect(() => {
    if (parent.current === null) return;
    const created = createVolume(parent.current, volume, { onOrbit, onError });
    stage.current = created;
    return () => {
      stage.current = undefined;
      created.destroy();
    };
  }, [volume, stage, onOrbit, onError]);

  // A change along z does not read the volume again.
  const sliceKey = JSON.stringify(Object.entries(slice).filter(([axis]) => axis.toLowerCase() !== "z"));
  const shownKey = channels.map(({ index }) => index).join();
  useEffect(() => {
    const controller = new AbortController();
    const indices = shownKey === "" ? [] : shownKey.split(",").map(Number);
    const position = parseSlice(sliceKey);
    const { signal } = controller;
    const read = async (channel: number) =>
      [channel, await readVolume(volume, pyramid, { slice: position, channel }, { signal })] as const;
    Promise.all(indices.map(read)).then(
      (all) => signal.aborted || setValues(new Map(all)),
      (error) => signal.aborted || onError(error),
    );
    return () => controller.abort();
  }, [pyramid, volume, sliceKey, shownKey, onError]);

  const labels = useLabels({ scene, volume, sliceKey, onError });
  const shown = channels.flatMap((channel) => {
    const read = values.get(channel.index);
    return read === undefined ? [] : [{ ...channel, values: read }];
  });
  const isComplete = shown.length > 0 && shown.length === channels.length && labels !== "reading";
  useEffect(() => {
    const clip = clipFractions(shownAs.clip, (axis) => extentAlong(pyramid.image, axis));
    stage.current?.show(shown, {
      ray: shownAs.ray,
      clip,
      orbit: shownAs.orbit ?? FIRST_ORBIT,
      labels: labels === "reading" ? [] : labels,
    });
    onDrawn(isComplete ? "complete" : "empty");
  });

  return (
    <div ref={parent} className="stage-canvas" data-volume={isComplete}>
      {shown.length === 0 && <p className="volume-waiting">Reading the volume …</p>}
    </div>
  );
}

function parseSlice(key: string): Slice {
  return Object.fromEntries(JSON.parse(key) as [string, number][]);
}

interface LabelOptions extends Pick<VolumeViewProps, "scene" | "volume" | "onError"> {
  readonly sliceKey: string;
}

/** The label images over the volume: of those that are shown, the ones that have such a volume. */
function useLabels({
  scene: { pyramid, labels, channels },
  volume,
  sliceKey,
  onError,
}: LabelOptions): readonly VolumeLabels[] | "reading" {
  const [read, setRead] = useState<ReadonlyMap<string, Float32Array>>(new Map());
  const drawn = useMemo(
    () => drawnLabels({ pyramid, labels, channels }, volume).drawn,
    [pyramid, labels, channels, volume],
  );
  const latest = useRef(drawn);
  latest.current = drawn;
  const keyOf = (path: string): string => `${path} ${sliceKey}`;
  const keys = drawn.map(({ label }) => keyOf(label.pyramid.image.path)).join("\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: another opacity reads nothing again
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const slice = parseSlice(sliceKey);
    const readOne = async ({ label: { pyramid: placed, model }, own }: DrawnLabels) => {
      const key = keyOf(placed.image.path);
      const selection = { slice, channel: 0, convert: packColors(model) };
      return [key, read.get(key) ?? (await readVolume(own, placed, selection, { signal }))] as const;
    };
    Promise.all(latest.current.map(readOne)).then(
      (all) => signal.aborted || setRead(new Map(all)),
      (error) => signal.aborted || onError(error),
    );
    return () => controller.abort();
  }, [keys, pyramid, volume, sliceKey, onError]);
  const values = drawn.flatMap(({ label }) => {
    const known = read.get(keyOf(label.pyramid.image.path));
    return known === undefined ? [] : [{ values: known, opacity: label.opacity }];
  });
  return values.length === drawn.length ? values : "reading";
}
