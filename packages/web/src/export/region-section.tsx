import { useId, useState } from "react";
import { DownloadNote } from "../convert/download-note.js";
import type { Scene } from "../image/stage/scene.js";
import type { Rectangle } from "../image/tiles/image-plane.js";
import type { OpenedSource } from "../open/source-input.js";
import { OzxRegion } from "./ozx-region.js";
import { type AxisRange, drawnRanges, otherRanges } from "./region.js";
import { TiffRegion } from "./tiff-region.js";

interface RegionSectionProps {
  readonly opened: OpenedSource;
  readonly scene: Scene;
  readonly region: Rectangle;
  readonly isWhole: boolean;
}

/** The region as an `.ozx` or a TIFF of its own, with the pixels of the source. */
export function RegionSection({ opened, scene: { pyramid }, region, isWhole }: RegionSectionProps) {
  const [others, setOthers] = useState(() => otherRanges(pyramid));
  const [isTiff, setIsTiff] = useState(false);
  const title = useId();
  const drawn = drawnRanges(pyramid, region);
  const part = {
    ...{ source: opened.source, image: pyramid.image.path, ranges: [...drawn, ...others] },
    part: isWhole ? "image" : "region",
  };
  return (
    <section aria-labelledby={title}>
      <h2 id={title}>Pixels</h2>
      <p className="soft">
        {drawn.map(({ axis, start: from, stop }) => `${axis} ${from} to ${stop - 1}`).join(", ")}:{" "}
        {drawn.map(({ start: from, stop }) => stop - from).join(" × ")} pixels, with the values of the source.
      </p>
      {others.map((range) => (
        <RangeFields
          key={range.axis}
          range={range}
          onChange={(next) => setOthers(others.map((one) => (one === range ? next : one)))}
        />
      ))}
      <div className="export-parts export-row" role="radiogroup" aria-label="Format of the pixels">
        {[false, true].map((value) => (
          <label key={String(value)}>
            <input type="radio" name="format" checked={isTiff === value} onChange={() => setIsTiff(value)} />
            {value ? "OME-TIFF" : "OME-Zarr (.ozx)"}
          </label>
        ))}
      </div>
      <DownloadNote />
      {isTiff ? <TiffRegion {...part} /> : <OzxRegion {...part} />}
    </section>
  );
}

interface RangeFieldsProps {
  readonly range: AxisRange;
  onChange(range: AxisRange): void;
}

/** The first and the last position along an axis, counted from 1 as beside the sliders. */
function RangeFields({ range, onChange }: RangeFieldsProps) {
  const { axis, size, start, stop } = range;
  const what = axis === "c" ? "Channels" : axis.toUpperCase();
  const clamp = (value: number): number => Math.max(1, Math.min(size, Math.round(value) || 1));
  const field = (name: string, value: number, onValue: (value: number) => void) => (
    <input
      type="number"
      aria-label={`${what}: ${name}`}
      min={1}
      max={size}
      value={value}
      onChange={({ target }) => onValue(clamp(target.valueAsNumber))}
    />
  );
  return (
    <div className="export-row">
      <span className="export-axis">{what}</span>
      {field("first", start + 1, (first) =>
        onChange({ ...range, start: first - 1, stop: Math.max(first, stop) }),
      )}
      <span>to</span>
      {field("last", stop, (last) => onChange({ ...range, start: Math.min(start, last - 1), stop: last }))}
      <span className="soft">of {size}</span>
    </div>
  );
}
