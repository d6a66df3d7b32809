import type { OpenImage } from "@ozx/core";
import { formatNumber, unitSymbol } from "@ozx/core/internal";
import { lazy, Suspense, useCallback } from "react";
import { Icon } from "../../open/icon.js";
import { largestLevel } from "../model/largest-level.js";
import type { Play } from "../play/use-play.js";
import { axisRoles } from "../tiles/image-plane.js";
import "./slice-sliders.css";

const PlayBar = lazy(async () => ({ default: (await import("../play/play-bar.js")).PlayBar }));

interface SliceSlidersProps {
  readonly image: OpenImage;
  readonly slice: Readonly<Record<string, number>>;
  /** Whether the image is shown as a volume, which has no slice along z. */
  readonly isVolume: boolean;
  readonly play: Play;
  onSlice(axis: string, position: number): void;
}

/** The keys that step along an axis while the picture has the focus. */
const KEYS: Readonly<Record<string, string>> = { z: "Page up and page down", t: "Comma and full stop" };

/** A slider for each axis that is not drawn and has more than one position. */
export function SliceSliders({ image, slice, isVolume, play, onSlice }: SliceSlidersProps) {
  const { axis: played } = play;
  const onPosition = useCallback(
    (position: number) => played !== undefined && onSlice(played, position),
    [played, onSlice],
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
                onChange={({ target }) => onSlice(name, target.valueAsNumber)}
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

/** The axis that the space key plays along: time, or else the first one that has a slider; undefined where none has. */
export function playedByKey(image: OpenImage): string | undefined {
  const names = slidAxes(image).map(({ name }) => name);
  return names.find((name) => name === "t") ?? names[0];
}

function slidAxes(image: OpenImage): { name: string; size: number; at: number }[] {
  const { shape } = largestLevel(image);
  return axisRoles(image.axes).others.flatMap((at) => {
    const [name, size] = [image.axes[at]?.name ?? "", shape[at] ?? 1];
    return size > 1 ? [{ name, size, at }] : [];
  });
}

/** Where a position is in the units of its axis, such as `4.5 µm` or `90 s`; empty where the axis has no unit. */
function physicalPosition(image: OpenImage, at: number, position: number): string {
  const { scale, translation } = largestLevel(image);
  const unit = image.axes[at]?.unit;
  if (unit === undefined) return "";
  return `${formatNumber((translation[at] ?? 0) + position * (scale[at] ?? 1))} ${unitSymbol(unit)}`;
}
