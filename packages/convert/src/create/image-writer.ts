import {
  type AbsolutePath,
  defaultColor,
  type JsonObject,
  type PixelValues,
  type ReadOptions,
  type Selection,
} from "@ozx/core";
import type { EntryWriter } from "@ozx/core/container";
import { inlineWorkers, joinKey, placementSteps, resolveSelection } from "@ozx/core/internal";
import { createChunkFeed, type FeedChunk } from "../chunks/chunk-feed.js";
import {
  createStoredObjects,
  documentEntry,
  encodeEntries,
  newArrayDocument,
} from "../chunks/encode-entries.js";
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

/** Writes the pixels of one image. */
export interface PixelWriter {
  readonly path: AbsolutePath;
  readonly shape: readonly number[];
  /** How many levels it has. */
  readonly levels: number;
  /**
   * Writes pixels: all of them, or those of a region, given as `OpenLevel.read` takes it. They are in C order, in an
   * array of the image's data type, and must stay as they are until the promise is kept. Calls may overlap.
   *
   * A region need not be whole chunks: a chunk is held in memory until all of its pixels have come, and then encoded
   * and written once, with those of the smaller levels that are complete with it.
   *
   * @example
   * await image.write({ t: 0, c: 1, z: 12 }, plane);
   *
   * @throws RangeError when the region lies outside, has another size than the data, or was written before
   * @throws WriteFailedError when the destination cannot be written; nothing more can be written then
   */
  write(region: Selection, data: PixelValues, options?: ReadOptions): Promise<void>;
  /** Writes what is left: chunks of which some pixels never came, which are 0. May be called twice. */
  close(options?: ReadOptions): Promise<void>;
}

export interface PixelWriterOptions extends NewImageOptions {
  readonly path: AbsolutePath;
  readonly method: "mean" | "nearest";
  /** Members of the group's metadata besides those of the image. */
  readonly members?: JsonObject | undefined;
}

/**
 * All that an image will be, before anything of it is written. Throws like `checkImageOptions`.
 *
 * @param location an image without a name is called as it is
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

/** Begins an image: its metadata are written at once. Throws like `checkImageOptions`. */
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

  /** One call after the other, and none after one that has failed while it was writing. */
  let last: Promise<void> = Promise.resolve();
  const inTurn = (task: () => Promise<void>): Promise<void> => {
    const done = last.then(task);
    last = done.catch((error) => {
      // Regions that were written before are refused as a whole, and spoil nothing.
      if (!(error instanceof RangeError)) throw error;
    });
    last.catch(() => {});
    return done;
  };
  let closing: Promise<void> | undefined;

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
      await inTurn(() => store(feed.put({ origin, block: { data, shape: extent } }, writing), writing));
    },
    close(writing) {
      closing ??= inTurn(async () => {
        await store(feed.flush(writing), writing);
        for (const { objects } of open) {
          for (const entry of objects.flush()) await writer.add(entry, writing);
        }
      });
      return closing;
    },
  };
}

/** An image without a name is called as its file, or as its place in a plate. */
function nameFor(path: AbsolutePath, location: string): string {
  if (path !== "/") return path.slice(1);
  const file = location.split(/[/\\]/).at(-1) ?? "";
  return file.replace(/\.(?:ozx|zarr|zip)$/i, "").replace(/\.ome$/i, "") || "image";
}

function checkData(data: PixelValues, extent: readonly number[], dtype: string, what: string): void {
  const Pixels = PIXEL_TYPES.get(dtype);
  if (Pixels === undefined || !(data instanceof Pixels)) {
    throw new RangeError(
      `${what} is ${dtype}, and its pixels come in a ${Pixels?.name}, not in a ${data.constructor.name}`,
    );
  }
  const expected = extent.reduce((product, n) => product * n, 1);
  if (data.length === expected) return;
  throw new RangeError(
    `a region of ${extent.join(" × ")} of ${what} has ${expected} pixels, not ${data.length}`,
  );
}

/** The version of OME-Zarr that is written. */
export const WRITTEN_VERSION = "0.5";

/** The `zarr.json` of a group of OME-Zarr. */
export function omeGroup(ome: JsonObject): JsonObject {
  return {
    zarr_format: 3,
    node_type: "group",
    attributes: { ome: { version: WRITTEN_VERSION, ...ome } },
  };
}

/** A group that only holds others, as a plate's row. */
export const PLAIN_GROUP: JsonObject = { zarr_format: 3, node_type: "group", attributes: {} };

/** A level as the metadata tells of it. */
export type LevelPlacement = Pick<PyramidLevel, "scale" | "translation"> & { readonly name: string };

/**
 * The members of an image under `ome` ("multiscales metadata" and "omero metadata" of 0.5).
 *
 * @param method how smaller levels are made
 */
export function imageMembers(
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
