import { type Box, intersection, volumeOf } from "../chunks/cells.js";

/** Pixels that were never written. */
export interface UnwrittenPixels {
  /** The path of the image or label image. */
  readonly path: string;
  /** How many they are, of its largest level. */
  readonly pixels: number;
  /**
   * Where they are, as regions that `write` takes: from the first index of each axis to the one after the last. At most a
   * hundred.
   */
  readonly regions: readonly Readonly<Record<string, readonly [start: number, stop: number]>>[];
}

/** Remembers which pixels of an array were written. */
export interface WrittenRegions {
  /** Adds a box that overlaps none of the others. */
  add(box: Box): void;
  /** The number of pixels of the array that were not added, and boxes of them. */
  unwritten(shape: readonly number[]): { readonly pixels: number; readonly boxes: readonly Box[] };
}

/** The most boxes that are put together again, and that are reported. */
const MOST_BOXES = 2_000;
const MOST_REPORTED = 100;

/** Regions as few boxes: those that are written side by side become one. */
export function createWrittenRegions(): WrittenRegions {
  let boxes: Box[] = [];
  let volume = 0;
  let limit = MOST_BOXES;
  return {
    add(box) {
      volume += volumeOf(box);
      boxes.push(box);
      for (let joined = joinLast(boxes); joined !== undefined; joined = joinLast(boxes)) {
        boxes.splice(-2, 2, joined);
      }
      if (boxes.length < limit) return;
      boxes = joinAll(boxes);
      // Where they do not become fewer, they are not joined again for each one.
      limit = Math.max(MOST_BOXES, 2 * boxes.length);
    },
    unwritten(shape) {
      const whole = { start: shape.map(() => 0), stop: shape };
      const pixels = volumeOf(whole) - volume;
      if (pixels === 0) return { pixels, boxes: [] };
      const joined = joinAll(boxes);
      if (joined.length > MOST_BOXES) return { pixels, boxes: [] };
      let rest: Box[] = [whole];
      for (const box of joined) {
        rest = rest.flatMap((part) => subtract(part, box));
        if (rest.length > MOST_BOXES) return { pixels, boxes: [] };
      }
      return { pixels, boxes: rest.slice(0, MOST_REPORTED) };
    },
  };
}

function joinLast(boxes: readonly Box[]): Box | undefined {
  const [one, other] = boxes.slice(-2);
  return one && other && join(one, other);
}

/** Two boxes as one, where they lie side by side along one axis. */
function join(one: Box, other: Box): Box | undefined {
  const differing = one.start.flatMap((start, axis) =>
    start === other.start[axis] && one.stop[axis] === other.stop[axis] ? [] : [axis],
  );
  const [axis, second] = differing;
  if (axis === undefined || second !== undefined) return undefined;
  if (one.stop[axis] === other.start[axis]) return { start: one.start, stop: other.stop };
  if (other.stop[axis] === one.start[axis]) return { start: other.start, stop: one.stop };
  return undefined;
}

/** Joins boxes along the last axis, then along the one before, and so on. */
function joinAll(boxes: readonly Box[]): Box[] {
  let all = [...boxes];
  const axes = all[0]?.start.length ?? 0;
  for (let axis = axes - 1; axis >= 0; axis--) {
    const order = [...Array(axes).keys()].filter((other) => other !== axis);
    order.push(axis);
    all.sort((a, b) => {
      for (const at of order) {
        const difference =
          (a.start[at] ?? 0) - (b.start[at] ?? 0) ||
          (at === axis ? 0 : (a.stop[at] ?? 0) - (b.stop[at] ?? 0));
        if (difference !== 0) return difference;
      }
      return 0;
    });
    const joined: Box[] = [];
    for (const box of all) {
      const last = joined.at(-1);
      const both = last && join(last, box);
      if (both === undefined) joined.push(box);
      else joined[joined.length - 1] = both;
    }
    all = joined;
  }
  return all;
}

/** What is left of a box without another one, as boxes. */
function subtract(box: Box, other: Box): Box[] {
  const common = intersection(box, other);
  if (common === undefined) return [box];
  const rest: Box[] = [];
  let { start, stop } = box;
  for (let axis = 0; axis < start.length; axis++) {
    const [from, to] = [common.start[axis] ?? 0, common.stop[axis] ?? 0];
    if ((start[axis] ?? 0) < from) rest.push({ start, stop: withAt(stop, axis, from) });
    if (to < (stop[axis] ?? 0)) rest.push({ start: withAt(start, axis, to), stop });
    start = withAt(start, axis, from);
    stop = withAt(stop, axis, to);
  }
  return rest;
}

function withAt(position: readonly number[], axis: number, value: number): number[] {
  return position.map((at, k) => (k === axis ? value : at));
}
