import type { Experiment, Loop, Position } from "../parse/experiment.js";

/** The frames of a file along t, z and the positions. */
export interface FrameGrid {
  readonly t: number;
  readonly z: number;
  readonly positions: number;
  /** The number of a frame. */
  frameAt(place: FramePlace): number;
  /** Where the frame of a number is. */
  placeOf(frame: number): FramePlace;
  /** Milliseconds between two frames of t, and micrometers between two of z. */
  readonly steps: { readonly t?: number | undefined; readonly z?: number | undefined };
  /** What is known of the positions. */
  readonly known: readonly Position[];
  /** Whether there are frames beyond those of the loops, by which the outermost was extended. */
  readonly isExtended: boolean;
  /** Whether the file has several frames and no loops, which are taken as t. */
  readonly isGuessed: boolean;
}

/** Where a frame is. */
export interface FramePlace {
  readonly t: number;
  readonly z: number;
  readonly position: number;
}

/** Frames that a file may say that it lacks, besides as many as four times those that it has. */
const MOST_MISSING = 2 ** 22;

/**
 * The grid of the frames: loops are nested, and the last varies fastest.
 *
 * @param last the largest number of a frame in the file; -1 where it has none
 * @param count of frames in the file
 * @returns the grid, or what is wrong, as the end of a sentence about the file
 */
export function frameGrid({ loops, unknown }: Experiment, last: number, count: number): FrameGrid | string {
  const [first] = unknown;
  if (first !== undefined) return `was acquired with ${first}, which OME-Zarr has no axis for`;
  const twice = loops.find(({ axis }, k) => loops.findIndex((other) => other.axis === axis) !== k);
  if (twice !== undefined) return `was acquired with two nested loops of ${NAMES[twice.axis]}`;
  const isGuessed = loops.length === 0 && last > 0;
  const all: readonly Loop[] = loops.length === 0 ? [{ axis: "t", count: 1 }] : loops;
  const inner = all.slice(1).reduce((product, loop) => product * loop.count, 1);
  const steps = Math.max(all[0]?.count ?? 1, Math.ceil((last + 1) / inner));
  if (steps * inner > 4 * count + MOST_MISSING)
    return `says that it has ${steps * inner} frames, and has ${count}`;
  const counts = all.map((loop, k) => (k === 0 ? steps : loop.count));
  const strides = counts.map((_, k) => counts.slice(k + 1).reduce((product, one) => product * one, 1));
  const along = (axis: Loop["axis"]) => {
    const k = all.findIndex((loop) => loop.axis === axis);
    return { loop: all[k], count: counts[k] ?? 1, stride: strides[k] ?? 0 };
  };
  const [t, z, p] = [along("t"), along("z"), along("p")];
  const indexOf = (frame: number, { count, stride }: { count: number; stride: number }): number =>
    stride === 0 ? 0 : Math.floor(frame / stride) % count;
  return {
    t: t.count,
    z: z.count,
    positions: p.count,
    frameAt: (place) => place.t * t.stride + place.z * z.stride + place.position * p.stride,
    placeOf: (frame) => ({ t: indexOf(frame, t), z: indexOf(frame, z), position: indexOf(frame, p) }),
    steps: { t: t.loop?.step, z: z.loop?.step },
    known: p.loop?.positions ?? [],
    isExtended: !isGuessed && steps > (all[0]?.count ?? 1),
    isGuessed,
  };
}

const NAMES = { t: "time", z: "z", p: "positions" } as const;
