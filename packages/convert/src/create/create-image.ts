import { type ReadOptions, UnsupportedError } from "@ozx/core";
import type { EntryWriter, StoreTarget } from "@ozx/core/container";
import { type Disposer, joinKey, rejectUnknownOptions } from "@ozx/core/internal";
import { documentEntry } from "../chunks/document-entries.js";
import { checkImageArguments, LABELS_OPTIONS } from "./check-arguments.js";
import {
  checkImageOptions,
  type NewImageOptions,
  resolveAxes,
  type StorageOptions,
} from "./image-options.js";
import {
  type Closed,
  omeGroup,
  openPixelWriter,
  type PixelWriter,
  type PixelWriterOptions,
  planPixels,
  WRITTEN_VERSION,
} from "./image-writer.js";

/** A new label image. */
export interface NewLabelsOptions extends StorageOptions {
  /** An integer type; `uint32` by default. */
  readonly dtype?: string | undefined;
  /** By default the name of its group. */
  readonly name?: string | undefined;
  /** How labels are displayed, with `rgba` from 0 to 255; by default only that 0, the background, is transparent. */
  readonly colors?:
    | readonly {
        readonly value: number;
        readonly rgba: readonly [number, number, number, number];
      }[]
    | undefined;
  /** Metadata of single labels. */
  readonly properties?:
    | readonly { readonly value: number; readonly [property: string]: unknown }[]
    | undefined;
}

/** An image that is being written, and the label images below it. */
export interface ImageWriter extends PixelWriter {
  /**
   * Begins a label image (a segmentation) of the image: with its size, scale and levels, without channels. It is closed
   * with the image at the latest.
   *
   * @throws RangeError if there is a label image of this name, or options contradict each other
   * @throws UsageError for unknown options
   */
  createLabels(name: string, options?: NewLabelsOptions): Promise<PixelWriter>;
}

/**
 * Output that is published or discarded as a whole. With `await using` it is discarded where it was not closed, as after an
 * exception.
 */
export interface Committed extends Disposer {
  /**
   * Writes what remains, and publishes the output: before, nothing is at the destination. Says which pixels were never
   * written.
   *
   * @throws WriteFailedError if the destination cannot be written, which then stays unchanged
   */
  close(options?: ReadOptions): Promise<Closed>;
  /** Discards what was written; the destination stays unchanged. Nothing happens after `close`. */
  discard(): Promise<void>;
}

/**
 * Creates an OME-Zarr 0.5 image and its pyramid in a target. Its pixels are then written region by region.
 *
 * @throws RangeError if options contradict each other, or the image would not be valid OME-Zarr
 * @throws UsageError for unknown options
 * @throws UnsupportedError if the target cannot be written entry by entry
 */
export async function createImage(
  target: StoreTarget,
  image: NewImageOptions,
  options?: ReadOptions,
): Promise<ImageWriter & Committed> {
  checkImageArguments(image);
  checkImageOptions(image, resolveAxes(image));
  const writer = await beginHierarchy(target, options);
  try {
    const opened = await openImageWriter(writer, { ...image, path: "/" }, options);
    return { ...opened, ...committed(writer, (closing) => opened.close(closing)) };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

/**
 * Begins an image that can get label images.
 *
 * @param image with its path in the hierarchy
 */
export async function openImageWriter(
  writer: EntryWriter,
  image: NewImageOptions & { readonly path: PixelWriter["path"] },
  options?: ReadOptions,
): Promise<ImageWriter> {
  const pixels = await openPixelWriter(writer, { ...image, method: "mean" }, options);
  // A name is taken as soon as its label image is begun, even if that has not finished yet.
  const labels = new Map<string, Promise<PixelWriter>>();
  const group = joinKey(image.path, "labels");
  let closing: Promise<Closed> | undefined;
  const close = async (writing?: ReadOptions): Promise<Closed> => {
    const closed = [await pixels.close(writing)];
    for (const label of labels.values()) closed.push(await (await label).close(writing));
    if (labels.size > 0) {
      await writer.add(documentEntry(group, omeGroup({ labels: [...labels.keys()] })), writing);
    }
    return { unwritten: closed.flatMap(({ unwritten }) => unwritten) };
  };
  return {
    ...pixels,
    async createLabels(name, labelsOptions = {}) {
      checkLabelsName(name, group, labels.keys());
      if (closing !== undefined) {
        throw new RangeError(
          `the image in ${writer.name} is closed: create the labels ${name} before closing it`,
        );
      }
      const { levels } = pixels;
      const described = labelImage(image, { name, path: joinKey(group, name), levels }, labelsOptions);
      // Invalid options are refused before the name is taken.
      planPixels(writer.name, described);
      const label = openPixelWriter(writer, described, options);
      labels.set(name, label);
      label.catch(() => labels.delete(name));
      return label;
    },
    close(writing) {
      closing ??= close(writing);
      return closing;
    },
  };
}

/**
 * Checks the name of a new label image.
 *
 * @param group the path of the group `labels`, for messages
 * @param others the names of the label images in it
 * @throws RangeError if the name is invalid, or would be the folder of another one
 */
export function checkLabelsName(name: string, group: string, others: Iterable<string>): void {
  // "zarr.json" is the group's own document. The documents of Zarr v2, and hidden files, start with a dot.
  if (typeof name !== "string" || !/^(?!zarr\.json$)[a-z0-9_-][a-z0-9._-]*$/i.test(name)) {
    throw new RangeError(
      `a label image cannot be called ${JSON.stringify(name)} in ${group}: use letters, digits, "_", "-", and "." if it is not the first`,
    );
  }
  for (const other of others) {
    if (other.toLowerCase() !== name.toLowerCase()) continue;
    const same = other === name ? "" : `, which is the same name on many file systems`;
    throw new RangeError(`there is a label image ${other} in ${group} already${same}: choose another name`);
  }
}

/** The default colors: 0 is the background, and transparent. */
const BACKGROUND = [{ value: 0, rgba: [0, 0, 0, 0] }] as const;

/**
 * Describes a label image of an image: it has the axes of the image without channels.
 *
 * @throws RangeError if the data type is not an integer type
 * @throws UsageError for unknown options
 */
export function labelImage(
  image: NewImageOptions,
  {
    name,
    path,
    levels,
  }: { readonly name: string; readonly path: PixelWriter["path"]; readonly levels: number },
  options: NewLabelsOptions,
): PixelWriterOptions {
  rejectUnknownOptions("a label image", options, LABELS_OPTIONS);
  const { colors = BACKGROUND, properties, ...own } = options;
  const types = resolveAxes(image).map(({ type }) => type);
  const keep = <Value>(list: readonly Value[]): Value[] =>
    list.filter((_, axis) => types[axis] === "space" || types[axis] === "time");
  const { scale, translation, unit, workers, codec } = image;
  const dtype = own.dtype ?? "uint32";
  if (!/^u?int\d+$/.test(dtype)) {
    throw new RangeError(`labels must be whole numbers: ${dtype} is not an integer type`);
  }
  return {
    workers,
    codec,
    chunks: image.chunks && keep(image.chunks),
    shards: image.shards && keep(image.shards),
    ...own,
    name: own.name ?? name,
    dtype,
    axes: keep(image.axes),
    shape: keep(image.shape),
    scale: scale && keep(scale),
    translation: translation && keep(translation),
    unit,
    levels,
    path,
    method: "nearest",
    members: {
      "image-label": {
        version: WRITTEN_VERSION,
        colors: colors.map(({ value, rgba }) => ({ "label-value": value, rgba })),
        ...(properties && {
          properties: properties.map(({ value, ...rest }) => ({ "label-value": value, ...rest })),
        }),
        source: { image: "../../" },
      },
    },
  };
}

/**
 * Begins to write a hierarchy whose entries are not known yet.
 *
 * @throws UnsupportedError if the target cannot be written entry by entry
 */
export async function beginHierarchy(target: StoreTarget, options?: ReadOptions): Promise<EntryWriter> {
  if (target.begin !== undefined) return target.begin(options);
  throw new UnsupportedError(
    `${target.name} cannot be written entry by entry: write to a folder or an .ozx`,
    {
      location: target.name,
      feature: "growing",
    },
  );
}

/**
 * Ends output once: by publishing it, or by discarding it, also if publishing fails.
 *
 * @param finish writes what remains
 */
export function committed(
  writer: EntryWriter,
  finish: (options?: ReadOptions) => Promise<Closed>,
): Committed {
  let ended: Promise<Closed> | undefined;
  const end = async (options?: ReadOptions): Promise<Closed> => {
    try {
      const closed = await finish(options);
      await writer.commit(options);
      return closed;
    } catch (error) {
      await writer.discard();
      throw error;
    }
  };
  const discard = async (): Promise<void> => {
    ended ??= writer.discard().then(() => ({ unwritten: [] }));
    await ended.catch(() => {});
  };
  return {
    close(options) {
      ended ??= end(options);
      return ended;
    },
    discard,
    [Symbol.asyncDispose]: discard,
  };
}
