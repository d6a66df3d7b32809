import { type RefObject, useEffect, useRef, useState } from "react";
import type { Scene } from "../stage/scene.js";
import { createVolume, type VolumeStage } from "./create-volume.js";
import { readVolume, type VolumeLevel } from "./read-volume.js";

interface VolumeViewProps {
  readonly scene: Scene;
  readonly volume: VolumeLevel;
  readonly stage: RefObject<VolumeStage | undefined>;
  onError(error: unknown): void;
}

/** The image as a volume, read when it is first shown. */
export function VolumeView({ scene, volume, stage, onError }: VolumeViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const [values, setValues] = useState<ReadonlyMap<number, Float32Array>>(new Map());
  const { pyramid, slice, channels } = scene;

  useEffect(() => {
    if (place.current === null) return;
    const created = createVolume(place.current, volume, onError);
    stage.current = created;
    return () => {
      stage.current = undefined;
      created.destroy();
    };
  }, [volume, stage, onError]);

  const elsewhere = JSON.stringify(Object.entries(slice).filter(([axis]) => axis.toLowerCase() !== "z"));
  const wanted = channels.map(({ index }) => index).join();
  useEffect(() => {
    const controller = new AbortController();
    const indices = wanted === "" ? [] : wanted.split(",").map(Number);
    const at = Object.fromEntries(JSON.parse(elsewhere) as [string, number][]);
    const { signal } = controller;
    const read = async (index: number) =>
      [index, await readVolume(volume, pyramid, at, index, { signal })] as const;
    Promise.all(indices.map(read)).then(
      (all) => signal.aborted || setValues(new Map(all)),
      (error) => signal.aborted || onError(error),
    );
    return () => controller.abort();
  }, [pyramid, volume, elsewhere, wanted, onError]);

  const shown = channels.flatMap((channel) => {
    const read = values.get(channel.index);
    return read === undefined ? [] : [{ ...channel, values: read }];
  });
  useEffect(() => stage.current?.show(shown));

  return (
    <div
      ref={place}
      className="stage-canvas"
      data-volume={shown.length > 0 && shown.length === channels.length}
    >
      {shown.length === 0 && <p className="volume-waiting">Reading the volume …</p>}
    </div>
  );
}
