import { type ArrayNode, type JsonObject, UnsupportedError, UsageError } from "@ozx/core";
import type { ChunkWindow } from "@ozx/core/internal";

/** One axis of one level, beside the same axis of the image's first level, in whose pixels ranges are given. */
export interface LevelAxis {
  readonly name: string;
  /** The level, for messages. */
  readonly path: string;
  readonly location: string;
  readonly extent: number;
  /** What one stored object covers. */
  readonly grid: number;
  /** Whether that is a shard. */
  readonly isShard: boolean;
  readonly scale: number;
  readonly reference: { readonly extent: number; readonly scale: number };
}

/** A range that has both ends, and where all levels of an image have borders of chunks. */
export interface FittedRange {
  readonly start: number;
  readonly stop: number;
}

/**
 * Checks a range against all levels of an image.
 *
 * @throws UsageError when it lies outside, or cuts through chunks, naming the nearest ranges that do not
 * @throws UnsupportedError when a level is no whole number of times smaller
 */
export function fitRange(span: Span, axes: readonly [LevelAxis, ...LevelAxis[]]): FittedRange {
  const [{ name, location, reference }] = axes;
  const { extent } = reference;
  const { start, stop = extent } = span;
  if (start >= stop || stop > extent) {
    throw new UsageError(
      `${name}=${formatSpan(span)} is not in ${axes[0].path} in ${location}, which has ${name}=0:${extent}`,
    );
  }
  const step = axes.reduce((all, axis) => leastMultiple(all, stepOf(axis)), 1);
  const isBorder = (at: number): boolean => at === extent || at % step === 0;
  if (isBorder(start) && isBorder(stop)) return { start, stop };
  const coarsest = axes.reduce((most, axis) => (stepOf(axis) > stepOf(most) ? axis : most));
  const outer = `${Math.floor(start / step) * step}:${Math.min(extent, Math.ceil(stop / step) * step)}`;
  const [from, to] = [
    Math.ceil(start / step) * step,
    stop === extent ? stop : Math.floor(stop / step) * step,
  ];
  const inner = from < to ? ` or ${name}=${from}:${to}` : "";
  const { isShard, path } = coarsest;
  const object = isShard ? "shard" : "chunk";
  const apart = isShard
    ? ", and --shard none takes shards apart, into a place from which chunks can be taken"
    : "";
  throw new UsageError(
    `${name}=${formatSpan(span)} cuts through ${object}s, which are copied as they are: take ${name}=${outer}${inner}; a ${object} of ${path} in ${location} is ${stepOf(coarsest)} pixels of the largest level along ${name}, and --levels can leave levels out${apart}`,
  );
}

/** The range in the pixels of a level, for a range that `fitRange` let through. */
export function rangeInLevel({ start, stop }: FittedRange, axis: LevelAxis): FittedRange {
  const factor = factorOf(axis);
  return { start: start / factor, stop: stop === axis.reference.extent ? axis.extent : stop / factor };
}

function stepOf(axis: LevelAxis): number {
  return axis.grid * factorOf(axis);
}

/** How many pixels of the first level one pixel of this level is. */
function factorOf({ name, path, location, extent, scale, reference }: LevelAxis): number {
  if (extent === reference.extent) return 1;
  // The scale knows it; sizes are rounded.
  const candidates = [scale / reference.scale, reference.extent / extent].map(Math.round);
  const factor = candidates.find((n) => n >= 1 && Math.abs(extent - reference.extent / n) < 1);
  if (factor !== undefined) return factor;
  throw new UnsupportedError(
    `${path} in ${location} cannot be cut along ${name}: it has ${extent} pixels there and the largest level has ${reference.extent}, which is no whole number of times as many; leave it out with --levels`,
    { location, path, feature: `a level with ${extent} of ${reference.extent} pixels` },
  );
}

function leastMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y > 0) [x, y] = [y, x % y];
  return (a / x) * b;
}

/** Positions from `start` to `stop`, without `stop` itself; to the end where `stop` is undefined. */
export interface Span {
  readonly start: number;
  readonly stop: number | undefined;
}

/** Which part of a hierarchy to take. */
export interface TransferSelection {
  /** The node that becomes the root, as in `B/03`: a well, one image, a label image. */
  readonly path?: string | undefined;
  /** Nodes that are left out with all below them, below the root that `path` gives: tables, label images. */
  readonly leaveOut?: readonly string[] | undefined;
  /** The resolution levels of every image, by their position in its metadata: 0 is the largest. */
  readonly levels?: Span | undefined;
  /**
   * Ranges of every image by the names of its axes, in pixels of the largest level that is taken. They must lie at
   * borders of chunks in every level, so that chunks can be taken as they are.
   */
  readonly ranges?: Readonly<Record<string, Span>> | undefined;
}

/** A span as the command line has it: `0:10`, `4:`, or `1` for a single position. */
export function formatSpan({ start, stop }: Span): string {
  return stop === start + 1 ? String(start) : `${start}:${stop ?? ""}`;
}

/** The part of an array that is taken: whole stored objects (chunks, or shards), but for the array's own end. */
export interface ArrayWindow {
  readonly node: ArrayNode;
  /** The first element that is taken, and how many are, one number an axis. */
  readonly start: readonly number[];
  readonly shape: readonly number[];
}

/** What one stored object covers. */
export function gridShapeOf({ array }: ArrayNode): readonly number[] {
  return array.shardShape ?? array.chunkShape;
}

/** The array's document with the shape of the window. */
export function windowDocument({ node, shape }: ArrayWindow): JsonObject {
  return { ...node.document, shape };
}

/** The stored objects that a window takes. */
export function chunkWindow({ node, start, shape }: ArrayWindow): ChunkWindow {
  const grid = gridShapeOf(node);
  return {
    first: start.map((element, axis) => element / (grid[axis] ?? 1)),
    counts: shape.map((length, axis) => Math.ceil(length / (grid[axis] ?? 1))),
    chunkKey: node.array.chunkKey,
  };
}
