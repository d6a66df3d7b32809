import type { OpenImage } from "@ozx/core";
import { useCallback, useEffect, useMemo, useState } from "react";
import { largestLevel, sizeAlong } from "../model/largest-level.js";
import type { DrawnState } from "../stage/create-stage.js";
import { axisRoles } from "../tiles/image-plane.js";
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
  /** Plays along an axis, or pauses: by default the one that played last, or else time, or the first with a slider. */
  toggle(axis?: string): void;
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
 * @param mayPlay where not, it pauses
 */
export function usePlay(image: OpenImage, slice: Slice, mayPlay: boolean): Play {
  const [playing, setPlaying] = useState<Playing>();
  const [drawn, setDrawn] = useState<Slice>();
  const { axis, from } = playing ?? {};
  const size = axis === undefined ? 0 : sizeAlong(image, axis);
  const isPlaying = from !== undefined;
  const ahead = useMemo(
    () => (isPlaying ? slicesAfter(slice, axis ?? "", size) : []),
    [isPlaying, slice, axis, size],
  );
  const pause = useCallback(() => setPlaying((last) => last && { ...last, from: undefined }), []);
  useEffect(() => {
    if (!mayPlay) pause();
  }, [mayPlay, pause]);
  return {
    axis,
    isPlaying,
    isDrawn: drawn === slice,
    ahead,
    scanned: from ?? slice,
    toggle(asked) {
      const next = asked ?? axis ?? playedByKey(image);
      if (next !== undefined && mayPlay)
        setPlaying({ axis: next, from: isPlaying && axis === next ? undefined : slice });
    },
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

/** The axes that are not drawn and have several positions, each with its index. */
export function slidAxes(image: OpenImage): { name: string; size: number; at: number }[] {
  const { shape } = largestLevel(image);
  return axisRoles(image.axes).others.flatMap((at) => {
    const [name, size] = [image.axes[at]?.name ?? "", shape[at] ?? 1];
    return size > 1 ? [{ name, size, at }] : [];
  });
}

function playedByKey(image: OpenImage): string | undefined {
  const names = slidAxes(image).map(({ name }) => name);
  return names.find((name) => name === "t") ?? names[0];
}
