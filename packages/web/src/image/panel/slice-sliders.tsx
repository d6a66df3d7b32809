import type { OpenImage } from "@ozx/core";
import { largestLevel } from "../model/largest-level.js";
import { axisRoles } from "../tiles/image-plane.js";
import "./slice-sliders.css";

interface SliceSlidersProps {
  readonly image: OpenImage;
  readonly slice: Readonly<Record<string, number>>;
  /** Whether the image is shown as a volume, which has no slice along z. */
  readonly isVolume: boolean;
  onSlice(axis: string, position: number): void;
}

/** The keys that step along an axis while the picture has the focus. */
const KEYS: Readonly<Record<string, string>> = { z: "Page up and page down", t: "Comma and full stop" };

/** A slider for each axis that is not drawn and has more than one position. */
export function SliceSliders({ image, slice, isVolume, onSlice }: SliceSlidersProps) {
  const { shape } = largestLevel(image);
  const axes = axisRoles(image.axes).others.flatMap((at) => {
    const [name, size] = [image.axes[at]?.name ?? "", shape[at] ?? 1];
    const isShown = size > 1 && !(isVolume && name.toLowerCase() === "z");
    return isShown ? [{ name, size }] : [];
  });
  if (axes.length === 0) return null;
  return (
    <div className="slices">
      {axes.map(({ name, size }) => (
        <label key={name} title={KEYS[name]}>
          <span>{name.toUpperCase()}</span>
          <input
            type="range"
            min={0}
            max={size - 1}
            value={slice[name] ?? 0}
            aria-label={`Position along ${name}`}
            aria-valuetext={`${(slice[name] ?? 0) + 1} of ${size}`}
            onChange={({ target }) => onSlice(name, target.valueAsNumber)}
          />
          <output>
            {(slice[name] ?? 0) + 1}
            <small> / {size}</small>
          </output>
        </label>
      ))}
    </div>
  );
}
