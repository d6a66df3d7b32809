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
  return (
    <div className="export-row">
      <span className="export-axis">{what}</span>
      <PositionField
        {...{ name: `${what}: first`, size, value: start + 1 }}
        onValue={(first) => onChange({ ...range, start: first - 1, stop: Math.max(first, stop) })}
      />
      <span>to</span>
      <PositionField
        {...{ name: `${what}: last`, size, value: stop }}
        onValue={(last) => onChange({ ...range, start: Math.min(start, last - 1), stop: last })}
      />
      <span className="soft">of {size}</span>
    </div>
  );
}

interface PositionFieldProps {
  readonly name: string;
  readonly size: number;
  readonly value: number;
  onValue(value: number): void;
}

/** A position from 1 to a size. What is typed stays as it is until the field is left, even if it is not a position yet. */
function PositionField({ name, size, value, onValue }: PositionFieldProps) {
  const [typed, setTyped] = useState<string>();
  const type = (text: string): void => {
    setTyped(text);
    const position = Math.round(Number(text));
    if (text !== "" && position >= 1) onValue(Math.min(size, position));
  };
  return (
    <input
      type="number"
      aria-label={name}
      min={1}
      max={size}
      value={typed ?? String(value)}
      onChange={({ target }) => type(target.value)}
      onBlur={() => setTyped(undefined)}
    />
  );
}
