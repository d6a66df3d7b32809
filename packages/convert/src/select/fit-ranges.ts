import { type ArrayNode, type Image, type JsonObject, type LabelImage, UsageError } from "@ozx/core";
import { type ChunkWindow, formatFirst, gridShape } from "@ozx/core/internal";
import type { ProjectRequest } from "../recut/project-pixels.js";
import type { RescaledType, ValueWindow } from "../recut/rescale-pixels.js";

/** Positions from `start` up to, but not including, `stop`; up to the end if `stop` is undefined. */
export interface Span {
  readonly start: number;
  readonly stop: number | undefined;
}

/** A position on the axis of channels, by the channel's name in `omero`. */
export interface ChannelName {
  readonly channel: string;
}

/** Selects a part of a hierarchy, and says what becomes of its pixels. */
export interface TransferSelection {
  /** The path of the node that becomes the root, as in `B/03`: a well, an image, a label image. */
  readonly path?: string | undefined;
  /** Nodes to leave out with everything below them, relative to `path`: tables, label images. */
  readonly leaveOut?: readonly string[] | undefined;
  /** The resolution levels of every image, by their index in its metadata: 0 is the largest. */
  readonly levels?: Span | undefined;
  /**
   * Ranges of every image by axis name, in pixels of the largest selected level. Where they start and end at chunk
   * boundaries, chunks are copied as they are; elsewhere they are cut and encoded again.
   */
  readonly ranges?: Readonly<Record<string, Span | ChannelName>> | undefined;
  /** Other extents of the chunks of all levels, in pixels by axis name; along all other axes they stay as they are. */
  readonly chunks?: Readonly<Record<string, number>> | undefined;
  /** Makes one pixel of all that are selected along an axis, of label images their largest. */
  readonly project?: ProjectRequest | undefined;
  /**
   * Rescales the values of images, but not of label images, from a window to all values of a data type. Without a window,
   * each channel has that of its `omero` metadata.
   */
  readonly rescale?: { readonly dtype: RescaledType; readonly window?: ValueWindow | undefined } | undefined;
}

/** A span as the command line spells it: `0:10`, `4:`, `1` for a single position, or the name of a channel. */
export function formatSpan(span: Span | ChannelName): string {
  if ("channel" in span) return span.channel;
  const { start, stop } = span;
  return stop === start + 1 ? String(start) : `${start}:${stop ?? ""}`;
}

/** The selected part of an array. */
export interface ArrayWindow {
  readonly node: ArrayNode;
  /** The first element, one index per axis. */
  readonly start: readonly number[];
  /** The number of elements along each axis. */
  readonly shape: readonly number[];
}

/** The shape of one stored object (chunk, or shard). */
function objectShapeOf({ array }: ArrayNode): readonly number[] {
  return array.shardShape ?? array.chunkShape;
}

/** Whether a window has whole stored objects only, except at the array's own end. */
export function isOnChunks({ node, start, shape }: ArrayWindow): boolean {
  const objectShape = objectShapeOf(node);
  return start.every((first, axis) => {
    const extent = objectShape[axis] ?? 1;
    const stop = first + (shape[axis] ?? 0);
    return first % extent === 0 && (stop === node.array.shape[axis] || stop % extent === 0);
  });
}

/** The array's document with the shape of the window. */
export function windowDocument({ node, shape }: ArrayWindow): JsonObject {
  return { ...node.document, shape };
}

/** The stored objects in a window, which is on chunks. */
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
  readonly scale: number;
  readonly reference: { readonly extent: number; readonly scale: number };
}

/** A range that lies in the image. */
export interface FittedRange {
  readonly start: number;
  readonly stop: number;
}

/**
 * Checks a range against the first level of an image.
 *
 * @throws UsageError if it lies outside
 */
export function fitRange(span: Span, { name, path, location, reference }: LevelAxis): FittedRange {
  const { extent } = reference;
  const { start, stop = extent } = span;
  if (start < stop && stop <= extent) return { start, stop };
  throw new UsageError(
    `${name}=${formatSpan(span)} is not in ${path} in ${location}, which has ${name}=0:${extent}`,
  );
}

/** The range in pixels of a level; undefined where it is not a whole number of them, or the level is no whole fraction. */
export function rangeInLevel({ start, stop }: FittedRange, axis: LevelAxis): FittedRange | undefined {
  const factor = factorOf(axis);
  const isWhole = (at: number): boolean => factor !== undefined && at % factor === 0;
  const isEnd = stop === axis.reference.extent;
  if (factor === undefined || !isWhole(start) || !(isEnd || isWhole(stop))) return undefined;
  return { start: start / factor, stop: isEnd ? axis.extent : stop / factor };
}

/** The downsampling factor from the first level to this one; undefined where it is not a whole number. */
function factorOf({ extent, scale, reference }: LevelAxis): number | undefined {
  if (extent === reference.extent) return 1;
  // The scale is exact, sizes are rounded.
  const candidates = [scale / reference.scale, reference.extent / extent].map(Math.round);
  return candidates.find((n) => n >= 1 && Math.abs(extent - reference.extent / n) < 1);
}

/**
 * The position of a channel that is given by its name. A name such as `488` looks like a position: it is a name where
 * there is no such position.
 *
 * @param channelCount undefined along axes that are not of channels
 * @throws UsageError if there is no such channel, naming those that there are, or several have the name
 */
export function spanOf(
  span: Span | ChannelName,
  { path, channels }: Pick<Image | LabelImage, "path" | "channels">,
  location: string,
  channelCount?: number,
): Span {
  const names = channels.flatMap(({ label }) => (label === undefined ? [] : [label]));
  if (!("channel" in span)) {
    const { start, stop } = span;
    const isName = start >= (channelCount ?? Infinity) && stop === start + 1 && names.includes(String(start));
    return isName ? spanOf({ channel: String(start) }, { path, channels }, location) : span;
  }
  const { channel } = span;
  const found = [...channels.keys()].filter((index) => channels[index]?.label === channel);
  const [first] = found;
  if (first !== undefined && found.length === 1) return { start: first, stop: first + 1 };
  if (first !== undefined) {
    throw new UsageError(
      `${found.length} channels of the image ${path} in ${location} have the name ${JSON.stringify(channel)}: give the position of one, as in --c ${first}`,
    );
  }
  const known = names.length === 0 ? "its channels have no names" : `it has ${formatFirst(names, 10)}`;
  throw new UsageError(
    `the image ${path} in ${location} has no channel ${JSON.stringify(channel)}: ${known}; a position counts from 0, as in --c 0`,
  );
}
