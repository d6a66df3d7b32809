import type { OpenImage } from "@ozx/core";
import { keyName } from "@ozx/core/container";
import { useMemo } from "react";
import { extentAlong, type RayMode, SHOWN_AT_FIRST, type ShownAs } from "../model/shown-as.js";
import { MAX_CHANNELS } from "../model/view-settings.js";
import type { LabelScene, Scene } from "../stage/scene.js";
import { drawnLabels } from "../volume/label-volume.js";
import type { VolumeLevel } from "../volume/volume-level.js";
import { RangeSlider } from "./range-slider.js";

interface VolumePanelProps {
  readonly image: OpenImage;
  readonly shownAs: ShownAs;
  readonly scene: Scene;
  readonly volume: VolumeLevel;
  onChange(change: Partial<ShownAs>): void;
}

const MODES: readonly (readonly [RayMode, string])[] = [
  ["max", "Maximum"],
  ["min", "Minimum"],
  ["add", "Additive"],
];

/** How a volume is projected, and which part of it is shown. */
export function VolumePanel({ image, shownAs: { ray, clip }, scene, volume, onChange }: VolumePanelProps) {
  const notes = useMemo(() => labelsNotes(scene, volume), [scene, volume]);
  return (
    <section aria-labelledby="volume-title">
      <header>
        <h2 id="volume-title">Volume</h2>
        <select
          aria-label="Projection of the volume"
          value={ray}
          onChange={({ target }) =>
            onChange({ ray: MODES.find(([id]) => id === target.value)?.[0] ?? "max" })
          }
        >
          {MODES.map(([id, title]) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </select>
      </header>
      {(["x", "y", "z"] as const).map((axis) => {
        const size = extentAlong(image, axis);
        const whole = [0, size] as const;
        return (
          size > 1 && (
            <RangeSlider
              key={axis}
              {...{ axis, size }}
              range={clip[axis] ?? whole}
              onRange={(range) => {
                const { [axis]: _old, ...others } = clip;
                const isWhole = range[0] === 0 && range[1] === size;
                onChange({ clip: isWhole ? others : { ...others, [axis]: range } });
              }}
            />
          )
        );
      })}
      <p className="hint">
        Drag or press arrow keys to turn the volume, plus and minus to zoom, 0 to reset the view.
      </p>
      {notes.map((note) => (
        <p key={note} className="hint">
          {note}
        </p>
      ))}
      <button
        type="button"
        className="quiet"
        onClick={() => onChange({ ray: SHOWN_AT_FIRST.ray, clip: {}, orbit: undefined })}
      >
        Reset the volume
      </button>
    </section>
  );
}

/** Why label images that are chosen are not drawn: sentences. */
function labelsNotes(scene: Scene, volume: VolumeLevel): string[] {
  const { unlike, tooMany } = drawnLabels(scene, volume);
  const names = (labels: readonly LabelScene[]): string =>
    labels.map(({ pyramid }) => keyName(pyramid.image.path)).join(", ");
  const notes: string[] = [];
  if (unlike.length > 0) {
    notes.push(
      `Labels that are not drawn, as none of their levels has the pixels of the volume: ${names(unlike)}.`,
    );
  }
  if (tooMany.length > 0) {
    notes.push(
      `Labels that are not drawn, as a volume has at most ${MAX_CHANNELS} channels and label images together: ${names(tooMany)}. Turn a channel off.`,
    );
  }
  return notes;
}
