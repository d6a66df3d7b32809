import { useMemo } from "react";
import { barsOf, type ChannelScan } from "../model/channel-scan.js";
import "./window-slider.css";

interface WindowSliderProps {
  /** Name of the channel, for screen readers. */
  readonly label: string;
  readonly color: string;
  readonly window: { readonly start: number; readonly end: number };
  readonly range: { readonly min: number; readonly max: number };
  readonly scan: ChannelScan | undefined;
  readonly integers: boolean;
  onWindow(window: { start: number; end: number }): void;
}

const BARS = 72;

/** A channel's contrast window: two handles below a histogram, and two numbers to type. */
export function WindowSlider({ label, color, window, range, scan, integers, onWindow }: WindowSliderProps) {
  const [min, max] = sliderRange({ window, range, scan, integers });
  const step = integers ? 1 : "any";
  const bars = useMemo(() => scan && barsOf(scan.histogram, min, max, BARS), [scan, min, max]);
  const part = (value: number): number => ((value - min) / (max - min)) * 100;
  const set = (start: number, end: number): void => {
    if (Number.isFinite(start) && Number.isFinite(end) && start < end) onWindow({ start, end });
  };
  const handle = (which: "start" | "end") => ({
    min,
    max,
    step,
    value: window[which],
    onChange: ({ target }: { target: HTMLInputElement }) => {
      const value = target.valueAsNumber;
      const gap = integers ? 1 : (max - min) / 1000;
      if (which === "start") set(Math.min(value, window.end - gap), window.end);
      else set(window.start, Math.max(value, window.start + gap));
    },
  });

  return (
    <div className="window-slider" style={{ "--color": `#${color}` }}>
      <svg viewBox={`0 0 ${BARS} 1`} preserveAspectRatio="none" aria-hidden="true">
        {bars?.map((height, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a bar is identified by its position alone
          <rect key={at} x={at} width="1.02" y={1 - height} height={height} fill="var(--shade)" />
        ))}
      </svg>
      <div className="handles" style={{ "--from": `${part(window.start)}%`, "--to": `${part(window.end)}%` }}>
        <input type="range" aria-label={`${label}: black`} {...handle("start")} />
        <input type="range" aria-label={`${label}: full colour`} {...handle("end")} />
      </div>
      <div className="numbers">
        <NumberField
          label={`${label}: black`}
          value={window.start}
          onValue={(value) => set(value, window.end)}
        />
        <NumberField
          label={`${label}: full colour`}
          value={window.end}
          onValue={(value) => set(window.start, value)}
        />
      </div>
    </div>
  );
}

/**
 * The range of the handles: the values of the pixels and the window, with a margin. The range in the metadata is often
 * that of the data type, in which both handles would be at the same position.
 */
function sliderRange({
  window: { start, end },
  range,
  scan,
  integers,
}: Pick<WindowSliderProps, "window" | "range" | "scan" | "integers">): [number, number] {
  const data = scan?.histogram ?? range;
  const margin = (end - start) / 4;
  const min = Math.min(start, Math.max(range.min, Math.min(data.min, start - margin)));
  const max = Math.max(end, Math.min(range.max, Math.max(data.max, end + margin)));
  return [min, Math.max(max, min + (integers ? 1 : Number.MIN_VALUE))];
}

/** A number field that takes effect on Enter or when it loses the focus, not with each digit. */
function NumberField({
  label,
  value,
  onValue,
}: {
  label: string;
  value: number;
  onValue(value: number): void;
}) {
  const shown = String(Number(value.toPrecision(7)));
  return (
    <input
      key={shown}
      type="text"
      inputMode="decimal"
      aria-label={`${label}, as a number`}
      defaultValue={shown}
      onBlur={({ target }) => target.value !== shown && onValue(Number.parseFloat(target.value))}
      onKeyDown={({ key, currentTarget }) => key === "Enter" && currentTarget.blur()}
    />
  );
}
