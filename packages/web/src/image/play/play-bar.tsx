import { useEffect, useRef, useState } from "react";

interface PlayBarProps {
  readonly size: number;
  readonly position: number;
  readonly isPlaying: boolean;
  /** Whether the picture at this position is on the screen as a whole. */
  readonly isDrawn: boolean;
  onPosition(position: number): void;
  onPause(): void;
}

/** Moves along an axis in time, and has the controls of it: planes per second, and whether it begins again at the end. */
export function PlayBar({ size, position, isPlaying, isDrawn, onPosition, onPause }: PlayBarProps) {
  const [rate, setRate] = useState(10);
  const [loops, setLoops] = useState(true);
  /** When the last position came, by `performance.now()`; undefined before the first step. */
  const stepped = useRef<number>(undefined);

  useEffect(() => {
    if (!isPlaying) stepped.current = undefined;
    // No plane is left out: a slow server makes it slower.
    if (!isPlaying || !isDrawn) return;
    const isLast = position >= size - 1;
    if (isLast && !loops && stepped.current !== undefined) return onPause();
    const due = (stepped.current ?? performance.now()) + 1000 / rate;
    const step = (): void => {
      stepped.current = performance.now();
      onPosition(isLast ? 0 : position + 1);
    };
    const timer = setTimeout(step, Math.max(0, due - performance.now()));
    return () => clearTimeout(timer);
  }, [isPlaying, isDrawn, position, size, rate, loops, onPosition, onPause]);

  useEffect(() => {
    const pauseHidden = (): void => {
      if (document.hidden) onPause();
    };
    document.addEventListener("visibilitychange", pauseHidden);
    return () => document.removeEventListener("visibilitychange", pauseHidden);
  }, [onPause]);

  return (
    <div className="play-bar">
      <label>
        <input
          type="number"
          min={1}
          max={60}
          value={rate}
          onChange={({ target }) => setRate(Math.min(60, Math.max(1, target.valueAsNumber || 1)))}
        />
        per second
      </label>
      <label>
        <input type="checkbox" checked={loops} onChange={({ target }) => setLoops(target.checked)} />
        Loop
      </label>
    </div>
  );
}
