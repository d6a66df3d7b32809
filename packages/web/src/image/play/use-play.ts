import { useCallback, useMemo, useState } from "react";
import type { DrawnState } from "../stage/create-stage.js";
import type { Slice } from "../tiles/read-tile.js";

/** Planes that are read before they are shown. */
const PLANES_AHEAD = 3;

/** The state of playing along an axis. */
export interface Play {
  /** The axis that plays, or that played last. */
  readonly axis: string | undefined;
  readonly isPlaying: boolean;
  /** Whether the current slice is on the screen as a whole. */
  readonly isDrawn: boolean;
  /** The slices that come next. */
  readonly ahead: readonly Slice[];
  /** The slice to compute histograms of: while playing it stays, since each one is another read. */
  readonly scanned: Slice;
  /** Plays along an axis, or pauses. */
  toggle(axis: string): void;
  pause(): void;
  /** Takes what the stage reports; `slice` must be the same object as the one that was to be drawn. */
  onDrawn(state: DrawnState, slice: Slice): void;
}

interface Playing {
  readonly axis: string;
  /** The slice where it began; undefined while paused. */
  readonly from: Slice | undefined;
}

/**
 * Playing along an axis of an image. It starts only by {@link Play.toggle}.
 *
 * @param slice the current one
 * @param sizeOf the number of positions along an axis
 */
export function usePlay(slice: Slice, sizeOf: (axis: string) => number): Play {
  const [playing, setPlaying] = useState<Playing>();
  const [drawn, setDrawn] = useState<Slice>();
  const { axis, from } = playing ?? {};
  const size = axis === undefined ? 0 : sizeOf(axis);
  const isPlaying = from !== undefined;
  const ahead = useMemo(
    () => (isPlaying ? slicesAfter(slice, axis ?? "", size) : []),
    [isPlaying, slice, axis, size],
  );
  const pause = useCallback(() => setPlaying((last) => last && { ...last, from: undefined }), []);
  return {
    axis,
    isPlaying,
    isDrawn: drawn === slice,
    ahead,
    scanned: from ?? slice,
    toggle: (next) => setPlaying({ axis: next, from: isPlaying && axis === next ? undefined : slice }),
    pause,
    onDrawn: (state, of) => setDrawn(state === "complete" ? of : undefined),
  };
}

/** The slices that follow along an axis; after the last position comes the first. */
function slicesAfter(slice: Slice, axis: string, size: number): Slice[] {
  const count = Math.min(PLANES_AHEAD, size - 1);
  const at = slice[axis] ?? 0;
  return Array.from({ length: count }, (_, i) => ({ ...slice, [axis]: (at + 1 + i) % size }));
}
