import type { OpenImage } from "@ozx/core";
import { formatNumber, unitSymbol } from "@ozx/core/internal";
import { type Dispatch, lazy, Suspense, useCallback } from "react";
import { Icon } from "../../open/icon.js";
import { largestLevel } from "../model/largest-level.js";
import type { SettingsAction } from "../model/view-settings.js";
import { type Play, slidAxes } from "../play/use-play.js";
import "./slice-sliders.css";

const PlayBar = lazy(async () => ({ default: (await import("../play/play-bar.js")).PlayBar }));

interface SliceSlidersProps {
  readonly image: OpenImage;
  readonly slice: Readonly<Record<string, number>>;
  /** Whether the image is shown as a volume, which has no slice along z. */
  readonly isVolume: boolean;
  readonly play: Play;
  readonly dispatch: Dispatch<SettingsAction>;
}

/** The keys that step along an axis while the picture has the focus. */
const KEYS: Readonly<Record<string, string>> = { z: "Page up and page down", t: "Comma and full stop" };

/** A slider for each axis that is not drawn and has more than one position. */
export function SliceSliders({ image, slice, isVolume, play, dispatch }: SliceSlidersProps) {
  const { axis: played } = play;
  const onPosition = useCallback(
    (position: number) => played !== undefined && dispatch({ type: "slice", axis: played, position }),
    [played, dispatch],
  );
  const axes = slidAxes(image).filter(({ name }) => !(isVolume && name.toLowerCase() === "z"));
  if (axes.length === 0) return null;
  return (
    <div className="slices">
      {axes.map(({ name, size, at }) => {
        const position = slice[name] ?? 0;
        const place = physicalPosition(image, at, position);
        const isPlaying = play.isPlaying && played === name;
        return (
          <div key={name} className="slice">
            <label title={KEYS[name]}>
              <span>{name.toUpperCase()}</span>
              <input
                type="range"
                min={0}
                max={size - 1}
                value={position}
                aria-label={`Position along ${name}`}
                aria-valuetext={`${position + 1} of ${size}${place && `, ${place}`}`}
                onChange={({ target }) =>
                  dispatch({ type: "slice", axis: name, position: target.valueAsNumber })
                }
              />
            </label>
            <output>
              {position + 1}
              <small> / {size}</small>
              {place && <small className="place">{place}</small>}
            </output>
            {!isVolume && (
              <button
                type="button"
                aria-label={`Play along ${name}`}
                aria-pressed={isPlaying}
                title={isPlaying ? "Pause (space)" : "Play (space)"}
                onClick={() => play.toggle(name)}
              >
                <Icon lines={isPlaying ? BARS : TRIANGLE} />
              </button>
            )}
            {!isVolume && played === name && (
              <Suspense>
                <PlayBar
                  {...{ size, position, isPlaying, onPosition }}
                  isDrawn={play.isDrawn}
                  onPause={play.pause}
                />
              </Suspense>
            )}
          </div>
        );
      })}
    </div>
  );
}

const TRIANGLE = "M5 3v10l8-5z";
const BARS = "M5.5 3v10M10.5 3v10";

/** Where a position is in the units of its axis, such as `4.5 µm` or `90 s`; empty where the axis has no unit. */
function physicalPosition(image: OpenImage, at: number, position: number): string {
  const { scale, translation } = largestLevel(image);
  const unit = image.axes[at]?.unit;
  if (unit === undefined) return "";
  return `${formatNumber((translation[at] ?? 0) + position * (scale[at] ?? 1))} ${unitSymbol(unit)}`;
}
