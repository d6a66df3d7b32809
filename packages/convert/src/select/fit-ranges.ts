import { type ArrayNode, type JsonObject, UnsupportedError, UsageError } from "@ozx/core";
import { type ChunkWindow, gridShape } from "@ozx/core/internal";

/** Positions from `start` up to, but not including, `stop`; up to the end if `stop` is undefined. */
export interface Span {
  readonly start: number;
  readonly stop: number | undefined;
}

/** Selects a part of a hierarchy. */
export interface TransferSelection {
  /** The path of the node that becomes the root, as in `B/03`: a well, an image, a label image. */
  readonly path?: string | undefined;
  /** Nodes to leave out with everything below them, relative to `path`: tables, label images. */
  readonly leaveOut?: readonly string[] | undefined;
  /** The resolution levels of every image, by their index in its metadata: 0 is the largest. */
  readonly levels?: Span | undefined;
  /**
   * Ranges of every image by axis name, in pixels of the largest selected level. They must start and end at chunk
   * boundaries in every level, because chunks are copied as they are.
   */
  readonly ranges?: Readonly<Record<string, Span>> | undefined;
}

/** A span as the command line spells it: `0:10`, `4:`, or `1` for a single position. */
export function formatSpan({ start, stop }: Span): string {
  return stop === start + 1 ? String(start) : `${start}:${stop ?? ""}`;
}

/** The selected part of an array: whole stored objects (chunks, or shards), except at the array's own end. */
export interface ArrayWindow {
  readonly node: ArrayNode;
  /** The first element, one index per axis. */
  readonly start: readonly number[];
  /** The number of elements along each axis. */
  readonly shape: readonly number[];
}

/** The shape of one stored object (chunk, or shard). */
export function objectShapeOf({ array }: ArrayNode): readonly number[] {
  return array.shardShape ?? array.chunkShape;
}

/** The array's document with the shape of the window. */
export function windowDocument({ node, shape }: ArrayWindow): JsonObject {
  return { ...node.document, shape };
}

/** The stored objects in a window. */
export function chunkWindow({ node, start, shape }: ArrayWindow): ChunkWindow {
  const objectShape = objectShapeOf(node);
  return {
    first: start.map((element, axis) => element / (objectShape[axis] ?? 1)),
    counts: gridShape(shape, objectShape),
    chunkKey: node.array.chunkKey,
  };
}

/** One axis of a level, and the same axis of the first selected level (`reference`), in whose pixels ranges are given. */
export interface LevelAxis {
  readonly name: string;
  /** The level, for messages. */
  readonly path: string;
  readonly location: string;
  readonly extent: number;
  /** The extent of one stored object, in pixels of the level. */
  readonly objectExtent: number;
  /** Whether stored objects are shards. */
  readonly isShard: boolean;
  readonly scale: number;
  readonly reference: { readonly extent: number; readonly scale: number };
}

/** A range that starts and ends at chunk boundaries in all levels of an image. */
export interface FittedRange {
  readonly start: number;
  readonly stop: number;
}

/**
 * Checks a range against all levels of an image.
 *
 * @param axes the axis in each of the levels
 * @throws UsageError if it lies outside, or cuts through chunks, naming the nearest ranges that do not
 * @throws UnsupportedError if a level is not smaller by a whole factor
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
  const step = axes.reduce((all, axis) => leastCommonMultiple(all, stepOf(axis)), 1);
  const isBoundary = (at: number): boolean => at === extent || at % step === 0;
  if (isBoundary(start) && isBoundary(stop)) return { start, stop };
  const coarsest = axes.reduce((most, axis) => (stepOf(axis) > stepOf(most) ? axis : most));
  const outer = `${Math.floor(start / step) * step}:${Math.min(extent, Math.ceil(stop / step) * step)}`;
  const [from, to] = [
    Math.ceil(start / step) * step,
    stop === extent ? stop : Math.floor(stop / step) * step,
  ];
  const inner = from < to ? ` or ${name}=${from}:${to}` : "";
  const { isShard, path } = coarsest;
  const object = isShard ? "shard" : "chunk";
  const unsharding = isShard
    ? "; or convert the whole image with --shard none first, and take the range from that copy"
    : "";
  throw new UsageError(
    `${name}=${formatSpan(span)} cuts through ${object}s, which are copied as they are: take ${name}=${outer}${inner}; a ${object} of ${path} in ${location} is ${stepOf(coarsest)} pixels of the largest level along ${name}, and --levels can leave levels out${unsharding}`,
  );
}

/** The range in pixels of a level, for a range that {@link fitRange} returned. */
export function rangeInLevel({ start, stop }: FittedRange, axis: LevelAxis): FittedRange {
  const factor = factorOf(axis);
  return { start: start / factor, stop: stop === axis.reference.extent ? axis.extent : stop / factor };
}

/** The extent of a stored object in pixels of the first level. */
function stepOf(axis: LevelAxis): number {
  return axis.objectExtent * factorOf(axis);
}

/** The downsampling factor from the first level to this one. */
function factorOf({ name, path, location, extent, scale, reference }: LevelAxis): number {
  if (extent === reference.extent) return 1;
  // The scale is exact, sizes are rounded.
  const candidates = [scale / reference.scale, reference.extent / extent].map(Math.round);
  const factor = candidates.find((n) => n >= 1 && Math.abs(extent - reference.extent / n) < 1);
  if (factor !== undefined) return factor;
  throw new UnsupportedError(
    `${path} in ${location} cannot be cut along ${name}: it has ${extent} pixels there, which is not a whole fraction of the ${reference.extent} pixels of the largest level; leave it out with --levels`,
    { location, path, feature: `a level with ${extent} of ${reference.extent} pixels` },
  );
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y > 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
