import type { ReadOptions } from "@ozx/core";
import { UnsupportedError } from "@ozx/core";
import type { EntryWriter, StoreTarget } from "@ozx/core/container";
import { joinKey, rejectUnknownOptions } from "@ozx/core/internal";
import { documentEntry } from "../chunks/encode-entries.js";
import { checkImageArguments, LABELS_OPTIONS } from "./check-arguments.js";
import {
  checkImageOptions,
  type NewImageOptions,
  resolveAxes,
  type StorageOptions,
} from "./image-options.js";
import { omeGroup, openPixelWriter, type PixelWriter, planPixels, WRITTEN_VERSION } from "./image-writer.js";

export interface NewLabelsOptions extends StorageOptions {
  /** An integer type; `uint32` by default. */
  readonly dtype?: string | undefined;
  readonly name?: string | undefined;
  /** How labels are to be shown, each of `rgba` 0 to 255; by default that 0, the background, is transparent. */
  readonly colors?:
    | readonly {
        readonly value: number;
        readonly rgba: readonly [number, number, number, number];
      }[]
    | undefined;
  /** What is known of labels. */
  readonly properties?:
    | readonly { readonly value: number; readonly [property: string]: unknown }[]
    | undefined;
}

/** An image that is being written, and the label images below it. */
export interface ImageWriter extends PixelWriter {
  /**
   * Begins a label image (a segmentation) of the image: the same size, scale and levels, without channels. It is
   * closed with the image at the latest.
   *
   * @throws RangeError when there is one of this name, or the options contradict each other
   * @throws UsageError for options that there are none of
   */
  createLabels(name: string, options?: NewLabelsOptions): Promise<PixelWriter>;
}

/** What is made durable, or thrown away, as a whole. */
export interface Committed {
  /**
   * Writes all that is left, and puts the whole in its place: nothing is at the destination before.
   *
   * @throws WriteFailedError when the destination cannot be written, which is as it was then
   */
  close(options?: ReadOptions): Promise<void>;
  /** Throws away what was written; the destination is as it was. */
  discard(): Promise<void>;
}

/**
 * Creates an OME-Zarr 0.5 image and its pyramid in a target, and lets it be written region by region.
 *
 * @throws RangeError when the options contradict each other, or would give no OME-Zarr
 * @throws UsageError for options that there are none of
 * @throws UnsupportedError when the target cannot grow
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

/** Begins an image with room for label images below it. */
export async function openImageWriter(
  writer: EntryWriter,
  image: NewImageOptions & { readonly path: PixelWriter["path"] },
  options?: ReadOptions,
): Promise<ImageWriter> {
  const pixels = await openPixelWriter(writer, { ...image, method: "mean" }, options);
  /** While one is being begun its name is taken already. */
  const labels = new Map<string, Promise<PixelWriter>>();
  const group = joinKey(image.path, "labels");
  let closing: Promise<void> | undefined;
  const close = async (writing?: ReadOptions): Promise<void> => {
    await pixels.close(writing);
    for (const label of labels.values()) await (await label).close(writing);
    if (labels.size === 0) return;
    await writer.add(documentEntry(group, omeGroup({ labels: [...labels.keys()] })), writing);
  };
  return {
    ...pixels,
    async createLabels(name, asked = {}) {
      checkLabelsName(name, group, labels.keys());
      if (closing !== undefined) {
        throw new RangeError(`the image is closed: the labels ${name} must be begun before`);
      }
      const asImage = labelImage(image, pixels, name, asked, joinKey(group, name));
      planPixels(writer.name, asImage);
      const label = openPixelWriter(writer, asImage, options);
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
 * Throws `RangeError` for what is no name of a label image, or would be the folder of another one.
 *
 * @param others the names that are there
 */
export function checkLabelsName(name: string, group: string, others: Iterable<string>): void {
  // "zarr.json" is the group's own document; those of Zarr v2, and hidden files, start with a dot.
  if (typeof name !== "string" || !/^(?!zarr\.json$)[a-z0-9_-][a-z0-9._-]*$/i.test(name)) {
    throw new RangeError(
      `a label image cannot be called ${JSON.stringify(name)} in ${group}: take another name of letters, digits, ".", "_" and "-", which starts with no "."`,
    );
  }
  for (const other of others) {
    if (other.toLowerCase() !== name.toLowerCase()) continue;
    const same = other === name ? "" : `, which many systems do not tell from ${name}`;
    throw new RangeError(`there is a label image ${other} in ${group} already${same}: take another name`);
  }
}

/** 0 is no object, and not to be seen. */
const BACKGROUND = [{ value: 0, rgba: [0, 0, 0, 0] }] as const;

/** The label image of an image: its axes but for the channels. */
export function labelImage(
  image: NewImageOptions,
  { levels }: { readonly levels: number },
  name: string,
  options: NewLabelsOptions,
  path: PixelWriter["path"],
): Parameters<typeof openPixelWriter>[1] {
  rejectUnknownOptions("a label image", options, LABELS_OPTIONS);
  const { colors = BACKGROUND, properties, ...asked } = options;
  const types = resolveAxes(image).map(({ type }) => type);
  const keep = <Value>(list: readonly Value[]): Value[] =>
    list.filter((_, axis) => types[axis] === "space" || types[axis] === "time");
  const { scale, translation, unit, workers, codec } = image;
  const dtype = asked.dtype ?? "uint32";
  if (!/^u?int\d+$/.test(dtype)) throw new RangeError(`labels are whole numbers, and ${dtype} are none`);
  return {
    workers,
    codec,
    chunks: image.chunks && keep(image.chunks),
    shards: image.shards && keep(image.shards),
    ...asked,
    name: asked.name ?? name,
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

/** How a whole is ended, once, whichever way. */
export function committed(writer: EntryWriter, finish: (options?: ReadOptions) => Promise<void>): Committed {
  let ended: Promise<void> | undefined;
  const end = async (options?: ReadOptions): Promise<void> => {
    try {
      await finish(options);
      await writer.commit(options);
    } catch (error) {
      await writer.discard();
      throw error;
    }
  };
  return {
    close(options) {
      ended ??= end(options);
      return ended;
    },
    async discard() {
      ended ??= writer.discard();
      await ended.catch(() => {});
    },
  };
}
