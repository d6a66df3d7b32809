import type { OpenImage } from "@ozx/core";
import { useMemo } from "react";
import { extentAlong, type RayMode, SHOWN_AT_FIRST, type ShownAs } from "../model/shown-as.js";
import { MAX_CHANNELS } from "../model/view-settings.js";
import type { Scene } from "../stage/scene.js";
import { labelVolume } from "../volume/label-volume.js";
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
  const noLabels = useMemo(() => labelsNote(scene, volume), [scene, volume]);
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
      {noLabels !== undefined && <p className="hint">{noLabels}</p>}
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

/** Why the labels that are chosen are not drawn: a sentence. */
function labelsNote({ pyramid, labels, channels }: Scene, volume: VolumeLevel): string | undefined {
  if (labels === undefined) return undefined;
  if (channels.length >= MAX_CHANNELS) {
    return `Labels are drawn over at most ${MAX_CHANNELS - 1} channels of a volume: turn one off.`;
  }
  return labelVolume(volume, pyramid, labels.pyramid) === undefined
    ? "The labels are not drawn: none of their levels has the pixels of the volume."
    : undefined;
}
