import { useId, useState } from "react";
import { baseName, chooseFile, download, removeIfEmpty } from "../convert/save-location.js";
import type { Scene } from "../image/stage/scene.js";
import type { Rectangle } from "../image/tiles/image-plane.js";
import type { OpenedSource } from "../open/source-input.js";
import { ProgressBar, TaskOutcome } from "../workers/task-status.js";
import { useTask } from "../workers/tasks.js";
import { type AxisRange, drawnRanges, otherRanges, selectionOf } from "./region.js";

interface RegionSectionProps {
  readonly opened: OpenedSource;
  readonly scene: Scene;
  readonly region: Rectangle;
  readonly isWhole: boolean;
}

/** The region as an `.ozx` of its own, with the pixels of the source. */
export function RegionSection({ opened: { name, source }, scene, region, isWhole }: RegionSectionProps) {
  const { pyramid } = scene;
  const { state, start, cancel } = useTask(source, "save");
  const [others, setOthers] = useState(() => otherRanges(pyramid));
  const [hasLevels, setHasLevels] = useState(true);
  // The task may be one that the section "Convert" has started.
  const [isOwn, setIsOwn] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const title = useId();
  const drawn = drawnRanges(pyramid, region);

  const save = async (): Promise<void> => {
    const suggested = `${baseName(name)}${isWhole ? "-image" : "-region"}.ozx`;
    setFailure(undefined);
    try {
      const file = await chooseFile(suggested);
      if (file === "cancelled") return;
      setIsOwn(true);
      const selection = selectionOf(pyramid.image.path, [...drawn, ...others]);
      const options = { pyramid: hasLevels };
      const result = await start({ kind: "save", source, options, selection, to: file, name: suggested });
      if (result?.blob !== undefined) download(result.blob, suggested);
      if (result === undefined && file !== undefined) await removeIfEmpty(file);
    } catch (error) {
      setFailure(error);
    }
  };

  return (
    <section aria-labelledby={title}>
      <h2 id={title}>Pixels (.ozx)</h2>
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
      <label className="export-check">
        <input type="checkbox" checked={hasLevels} onChange={({ target }) => setHasLevels(target.checked)} />
        Add lower-resolution levels
      </label>
      {state.status === "running" ? (
        <ProgressBar verb="Saving" progress={state.progress} since={state.since} onCancel={cancel} />
      ) : (
        <button type="button" className="primary" onClick={() => void save()}>
          Save as .ozx …
        </button>
      )}
      {isOwn && <TaskOutcome state={state} failure={failure} done="Saved" />}
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
