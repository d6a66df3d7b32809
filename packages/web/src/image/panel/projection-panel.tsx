import { lazy, Suspense } from "react";
import type { Projection } from "../tiles/image-plane.js";

/** Loaded when a projection is chosen. */
const RangeSlider = lazy(async () => ({ default: (await import("./range-slider.js")).RangeSlider }));

interface ProjectionPanelProps {
  readonly axis: string;
  /** The number of positions along the axis. */
  readonly size: number;
  readonly projection: Projection | undefined;
  onProjection(projection: Projection | undefined): void;
}

/** A choice of whether one plane is shown, or all planes of a range as one. */
export function ProjectionPanel({ axis, size, projection, onProjection }: ProjectionPanelProps) {
  const { method, range = [0, size] as const } = projection ?? {};
  const choose = (value: string): void => {
    const chosen = value === "max" || value === "mean" ? value : undefined;
    onProjection(chosen && { axis, method: chosen, range });
  };
  return (
    <section aria-labelledby="projection-title">
      <header>
        <h2 id="projection-title">Projection</h2>
        <select
          aria-label={`Projection along ${axis}`}
          value={method ?? ""}
          onChange={({ target }) => choose(target.value)}
        >
          <option value="">none</option>
          <option value="max">Maximum</option>
          <option value="mean">Mean</option>
        </select>
      </header>
      {projection !== undefined && (
        <Suspense>
          <RangeSlider
            {...{ axis, size, range }}
            onRange={(next) => onProjection({ ...projection, range: next })}
          />
        </Suspense>
      )}
    </section>
  );
}
