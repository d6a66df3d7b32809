import {
  type AbsolutePath,
  defaultColor,
  type JsonObject,
  type PixelValues,
  type ReadOptions,
  type Selection,
} from "@ozx/core";
import type { EntryWriter } from "@ozx/core/container";
import { countElements, inlineWorkers, joinKey, placementSteps, resolveSelection } from "@ozx/core/internal";
import { createChunkFeed, type FeedChunk } from "../chunks/chunk-feed.js";
import { documentEntry } from "../chunks/document-entries.js";
import { createStoredObjects, encodeEntries, newArrayDocument } from "../chunks/encode-entries.js";
import {
  downsamplingMembers,
  type PyramidAxis,
  type PyramidLevel,
  pyramidLevels,
} from "../pyramid/pyramid-shapes.js";
import {
  checkImageOptions,
  type NewChannel,
  type NewImageOptions,
  newLevel,
  PIXEL_TYPES,
  resolveAxes,
  usualRange,
} from "./image-options.js";
import { createWrittenRegions, type UnwrittenPixels, type WrittenRegions } from "./written-regions.js";

/** Writes the pixels of one image. */
export interface PixelWriter {
  readonly path: AbsolutePath;
  readonly shape: readonly number[];
  /** The number of levels. */
  readonly levels: number;
  /**
   * Writes pixels: all of them, or those of a region as in `OpenLevel.read`. Calls may overlap.
   *
   * A region need not consist of whole chunks. A chunk stays in memory until it is complete, and is then encoded and
   * written once, along with the chunks of lower-resolution levels that it completes.
   *
   * @example
   * await image.write({ t: 0, c: 1, z: 12 }, plane);
   *
   * @param data in C order, in a typed array of the image's data type; must not change until the promise is resolved
   * @throws RangeError if the region lies outside the image, does not have the size of the data, or was written before
   * @throws WriteFailedError if the destination cannot be written; all later calls fail too
   */
  write(region: Selection, data: PixelValues, options?: ReadOptions): Promise<void>;
  /** Writes the incomplete chunks, and says which pixels were never written: they are 0. May be called twice. */
  close(options?: ReadOptions): Promise<Closed>;
}

/** What is known when an image is closed. */
export interface Closed {
  /** The pixels that were never written, which are 0: of each image and label image that has some. */
  readonly unwritten: readonly UnwrittenPixels[];
}

/** An image or label image at a path. */
export interface PixelWriterOptions extends NewImageOptions {
  readonly path: AbsolutePath;
  readonly method: "mean" | "nearest";
  /** More members of the group's OME-Zarr metadata. */
  readonly members?: JsonObject | undefined;
}

/**
 * Plans the levels, arrays and metadata of an image; nothing is written.
 *
 * @param location the target's name, from which an image without a name gets its own
 * @throws RangeError as `checkImageOptions`
 */
export function planPixels(location: string, image: PixelWriterOptions) {
  const { path, method, shape } = image;
  const axes = resolveAxes(image);
  checkImageOptions(image, axes);
  const base: PyramidLevel = {
    shape,
    factors: shape.map(() => 1),
    scale: image.scale ?? shape.map(() => 1),
    translation: image.translation ?? shape.map(() => 0),
  };
  const count = image.levels === undefined ? undefined : image.levels - 1;
  const levels = [base, ...pyramidLevels(base, axes, count)];
  const names = axes.map(({ name }) => name);
  const arrays = levels.map((level, k) =>
    newLevel(image, { path: joinKey(path, String(k)), shape: level.shape, dimensionNames: names }),
  );
  const placed = levels.map((level, k) => ({ ...level, name: String(k) }));
  const name = image.name ?? nameFor(path, location);
  const document = omeGroup({ ...imageMembers({ ...image, name }, axes, placed, method), ...image.members });
  return { names, levels, arrays, document };
}

/**
 * Begins an image by writing its metadata.
 *
 * @throws RangeError as `checkImageOptions`
 */
export async function openPixelWriter(
  writer: EntryWriter,
  image: PixelWriterOptions,
  options?: ReadOptions,
): Promise<PixelWriter> {
  const { path, method, shape, dtype } = image;
  const { names, levels, arrays, document } = planPixels(writer.name, image);
  await writer.add(documentEntry(path, document), options);
  for (const array of arrays) await writer.add(documentEntry(array.path, newArrayDocument(array)), options);

  const workers = image.workers ?? inlineWorkers();
  const feed = createChunkFeed(
    arrays.map((array, k) => ({ ...array, factors: levels[k + 1]?.factors, isWritten: true })),
    method,
    workers,
  );
  const open = arrays.map((array) => ({ array, objects: createStoredObjects(array) }));
  const store = async (chunks: AsyncIterable<FeedChunk>, writing?: ReadOptions): Promise<void> => {
    for await (const entry of encodeEntries(chunks, open, workers, writing)) await writer.add(entry, writing);
  };

  // Calls run one after the other, and all fail once one has failed to write.
  let last: Promise<void> = Promise.resolve();
  const enqueue = (task: () => Promise<void>): Promise<void> => {
    const done = last.then(task);
    last = done.catch((error) => {
      // A region that was written before is refused as a whole: later calls are not affected.
      if (!(error instanceof RangeError)) throw error;
    });
    last.catch(() => {});
    return done;
  };
  let closing: Promise<Closed> | undefined;
  const written = createWrittenRegions();

  return {
    path,
    shape,
    levels: levels.length,
    async write(region, data, writing) {
      const what = `the image ${path} in ${writer.name}`;
      if (closing !== undefined) throw new RangeError(`${what} is closed`);
      const { slices } = resolveSelection(region, names, shape, what);
      const origin = slices.map(({ start }) => start ?? 0);
      const extent = slices.map(({ start, stop }, axis) => (stop ?? shape[axis] ?? 0) - (start ?? 0));
      checkData(data, extent, dtype, what);
      await enqueue(() => store(feed.put({ origin, block: { data, shape: extent } }, writing), writing));
      written.add({ start: origin, stop: origin.map((at, axis) => at + (extent[axis] ?? 1)) });
    },
    close(writing) {
      closing ??= enqueue(async () => {
        await store(feed.flush(writing), writing);
        for (const { objects } of open) {
          for (const entry of objects.flush()) await writer.add(entry, writing);
        }
      }).then(() => ({ unwritten: unwrittenIn(path, written, { names, shape }) }));
      return closing;
    },
  };
}

/** The pixels of an image that were not written, by its axes; none where all were. */
function unwrittenIn(
  path: AbsolutePath,
  written: WrittenRegions,
  { names, shape }: { readonly names: readonly string[]; readonly shape: readonly number[] },
): UnwrittenPixels[] {
  const { pixels, boxes } = written.unwritten(shape);
  if (pixels === 0) return [];
  const regions = boxes.map(({ start, stop }) =>
    Object.fromEntries(names.map((name, axis) => [name, [start[axis] ?? 0, stop[axis] ?? 0] as const])),
  );
  return [{ path, pixels, regions }];
}

/** The name of an image that has none: that of its file, or its path in a plate. */
function nameFor(path: AbsolutePath, location: string): string {
  if (path !== "/") return path.slice(1);
  const file = location.split(/[/\\]/).at(-1) ?? "";
  return file.replace(/\.(?:ozx|zarr|zip)$/i, "").replace(/\.ome$/i, "") || "image";
}

/**
 * Checks that pixels are of an image's type, and as many as a region has.
 *
 * @param what the image, as the start of a sentence
 * @throws RangeError otherwise
 */
export function checkData(data: PixelValues, extent: readonly number[], dtype: string, what: string): void {
  const Pixels = PIXEL_TYPES.get(dtype);
  if (Pixels === undefined || !(data instanceof Pixels)) {
    throw new RangeError(
      `${what} is ${dtype}: its pixels must be in a ${Pixels?.name}, not in a ${data.constructor.name}`,
    );
  }
  const expected = countElements(extent);
  if (data.length === expected) return;
  throw new RangeError(
    `a region of ${extent.join(" × ")} of ${what} has ${expected} pixels, not ${data.length}`,
  );
}

/** The OME-Zarr version of new images. */
export const WRITTEN_VERSION = "0.5";

/** The `zarr.json` of a group with OME-Zarr metadata. */
export function omeGroup(ome: JsonObject): JsonObject {
  return {
    zarr_format: 3,
    node_type: "group",
    attributes: { ome: { version: WRITTEN_VERSION, ...ome } },
  };
}

/** The `zarr.json` of a group that only contains others, such as a row of a plate. */
export const PLAIN_GROUP: JsonObject = { zarr_format: 3, node_type: "group", attributes: {} };

/** A level in the metadata of its image. */
type LevelPlacement = Pick<PyramidLevel, "scale" | "translation"> & { readonly name: string };

/** The members of an image under `ome` ("multiscales metadata" and "omero metadata" of 0.5). */
function imageMembers(
  { name, channels, dtype }: Pick<NewImageOptions, "channels" | "dtype"> & { readonly name: string },
  axes: readonly PyramidAxis[],
  levels: readonly LevelPlacement[],
  method: "mean" | "nearest",
): JsonObject {
  const multiscale = {
    name,
    axes: axes.map(({ name, type, unit }) => ({ name, ...(type && { type }), ...(unit && { unit }) })),
    datasets: levels.map(({ name: path, ...placement }) => ({
      path,
      coordinateTransformations: placementSteps(placement),
    })),
    ...downsamplingMembers(method, "ozx"),
  };
  return {
    multiscales: [multiscale],
    ...(channels && {
      omero: { channels: channels.map((channel, k) => describeChannel(channel, k, channels.length, dtype)) },
    }),
  };
}

function describeChannel(
  channel: string | NewChannel,
  index: number,
  count: number,
  dtype: string,
): JsonObject {
  const { label, color, window }: NewChannel = typeof channel === "string" ? { label: channel } : channel;
  const [min, max] = usualRange(dtype);
  const { start = min, end = max } = window ?? {};
  return {
    ...(label !== undefined && { label }),
    color: color?.toUpperCase() ?? defaultColor(index, count),
    active: true,
    window: { start, end, min: window?.min ?? Math.min(min, start), max: window?.max ?? Math.max(max, end) },
  };
}
