import "./window-slider.css";
import "./range-slider.css";

interface RangeSliderProps {
  /** The name of the axis. */
  readonly axis: string;
  readonly size: number;
  /** The end is exclusive. */
  readonly range: readonly [number, number];
  onRange(range: readonly [number, number]): void;
}

/** A range of positions along an axis: two handles, and the first and the last position as they are counted from 1. */
export function RangeSlider({ axis, size, range: [from, to], onRange }: RangeSliderProps) {
  const part = (value: number): string => `${(value / size) * 100}%`;
  return (
    <div className="range-slider window-slider" style={{ "--color": "var(--accent)" }}>
      <span>{axis.toUpperCase()}</span>
      <div className="handles" style={{ "--from": part(from), "--to": part(to) }}>
        <input
          type="range"
          min={0}
          max={size}
          value={from}
          aria-label={`First position along ${axis}`}
          aria-valuetext={`${from + 1} of ${size}`}
          onChange={({ target }) => onRange([Math.min(target.valueAsNumber, to - 1), to])}
        />
        <input
          type="range"
          min={0}
          max={size}
          value={to}
          aria-label={`Last position along ${axis}`}
          aria-valuetext={`${to} of ${size}`}
          onChange={({ target }) => onRange([from, Math.max(target.valueAsNumber, from + 1)])}
        />
      </div>
      <output>
        {from + 1}–{to}
        <small> / {size}</small>
      </output>
    </div>
  );
}
