import { realpath } from "node:fs/promises";
import {
  type AddLabelsOptions,
  addLabels as addLabelsTo,
  type Committed,
  createGrowingImage,
  createImage as createImageIn,
  createPlate as createPlateIn,
  type GrowingImageOptions,
  type GrowingImageWriter,
  IMAGE_OPTIONS,
  type ImageWriter,
  type NewImageOptions,
  type NewPlateOptions,
  type PixelWriter,
  PLATE_OPTIONS,
  type PlateWriter,
} from "@ozx/convert";
import { createGrowingFile, destinationFor, openGrowingFolder } from "@ozx/convert/node";
import {
  type ChunkWorkers,
  DestinationExistsError,
  isOzxError,
  type ReadOptions,
  UnsupportedError,
} from "@ozx/core";
import type { StepWriter, StoreTarget } from "@ozx/core/container";
import { type Disposer, rejectUnknownOptions } from "@ozx/core/internal";
import { isAddress, pathOrAddress } from "@ozx/core/internal/node";
import { createChunkWorkers } from "@ozx/core/node";
import { openSteppedArchive } from "@ozx/store-zip";
import { formats } from "./formats.js";
import { openInPlace } from "./open-in-place.js";

/** The options of writing to a path. */
export interface CreateOptions extends ReadOptions {
  /** Replace the image at the path when the new one is complete; by default, an existing path is an error. */
  readonly overwrite?: boolean | undefined;
}

const CREATE_OPTIONS: readonly (keyof CreateOptions)[] = ["overwrite", "signal"];

/**
 * Creates an OME-Zarr 0.5 image with its lower-resolution levels: one file where the path ends in `.ozx`, a folder where
 * it ends in `.zarr` or has no suffix. Output is written atomically: `close` publishes it, `discard` leaves the path
 * unchanged.
 *
 * In an `.ozx` the directory lists all `zarr.json` first, as RFC-9 recommends, but the data is in the order of writing;
 * `ozx convert` makes a copy with the `zarr.json` first in the file too.
 *
 * Until it is closed or discarded, the path is locked: every other writer of ozx is refused, in this process and in others
 * on this computer.
 *
 * Where the first size of the shape is undefined, the image is appended to, and visible at the path from the first `append`
 * on: see {@link GrowingImageWriter}.
 *
 * @example
 * const image = await createImage("movie.ozx", { axes: ["t", "y", "x"], shape: [undefined, 2048, 2048], dtype: "uint16" });
 * for await (const frame of camera) await image.append(frame); // a Uint16Array of 2048 × 2048
 * await image.close();
 *
 * @example
 * await using image = await createImage("out.ozx", { axes: ["c", "y", "x"], shape: [2, 2048, 2048], dtype: "uint16" });
 * await image.write({ c: 0 }, plane); // a Uint16Array of 2048 × 2048
 * await image.close();
 *
 * @param path of the file or folder, or its `file:` address
 * @throws RangeError when options contradict each other, or the result would not be OME-Zarr
 * @throws DestinationExistsError when the path exists and `overwrite` is not set
 * @throws WriteFailedError when another writer is at work there, or nothing can be written
 * @throws UsageError for an unknown option, or a suffix of an unknown format
 */
export async function createImage(
  path: string | URL,
  options: GrowingImageOptions & CreateOptions,
): Promise<GrowingImageWriter>;
export async function createImage(
  path: string | URL,
  options: NewImageOptions & CreateOptions,
): Promise<ImageWriter & Committed>;
export async function createImage(
  path: string | URL,
  options: (NewImageOptions | GrowingImageOptions) & CreateOptions,
): Promise<(ImageWriter & Committed) | GrowingImageWriter> {
  rejectUnknownOptions("an image", options ?? {}, [...IMAGE_OPTIONS, ...CREATE_OPTIONS]);
  const { signal, overwrite, ...image } = options ?? {};
  const workers = createChunkWorkers();
  if (isGrowing(image)) return growImage(path, { workers, ...image }, { overwrite, signal, workers });
  const target = targetFor(path, overwrite);
  return withWorkers(workers, () => createImageIn(target, { workers, ...image }, { signal }));
}

function isGrowing(image: NewImageOptions | GrowingImageOptions): image is GrowingImageOptions {
  return Array.isArray(image.shape) && image.shape.length > 0 && image.shape[0] === undefined;
}

async function growImage(
  place: string | URL,
  image: GrowingImageOptions,
  { overwrite, signal, workers }: CreateOptions & { readonly workers: ChunkWorkers },
): Promise<GrowingImageWriter> {
  const path = pathOrAddress(place);
  const begin = async (): Promise<StepWriter> => {
    signal?.throwIfAborted();
    if (isAddress(path) || path === "-") {
      throw new UnsupportedError(`${path} cannot be appended to: an image grows in a file or a folder`, {
        location: path,
        feature: "growing",
      });
    }
    const { zarrFormat } = await explainExisting(() => destinationFor(path, { formats, overwrite }));
    // The target of a link is replaced, and the link stays.
    const target = await realpath(path).catch(() => path);
    if (zarrFormat === undefined) return openGrowingFolder(target, { overwrite });
    return openSteppedArchive(await createGrowingFile(target, { overwrite }), { version: "0.5" });
  };
  try {
    const writer = await createGrowingImage(begin, path, image);
    return {
      levels: writer.levels,
      get length() {
        return writer.length;
      },
      append: writer.append,
      ...endedBy(writer, () => workers.close()),
    };
  } catch (error) {
    await workers.close();
    throw error;
  }
}

/**
 * Creates an OME-Zarr 0.5 plate. Its fields are images that are written like those of {@link createImage}; until the
 * plate is closed, nothing is at the path.
 *
 * @example
 * const plate = await createPlate("plate.ozx", { rows: ["A", "B"], columns: ["1", "2", "3"] });
 * const field = await plate.createField("B/3", { axes: ["y", "x"], shape: [512, 512], dtype: "uint8" });
 * await field.write({}, pixels);
 * await plate.close();
 *
 * @param path of the file or folder, or its `file:` address
 * @throws RangeError, DestinationExistsError, WriteFailedError, UsageError as {@link createImage} does
 */
export async function createPlate(
  path: string | URL,
  options: NewPlateOptions & CreateOptions,
): Promise<PlateWriter> {
  rejectUnknownOptions("a plate", options ?? {}, [...PLATE_OPTIONS, ...CREATE_OPTIONS]);
  const { signal, overwrite, ...plate } = options ?? {};
  const target = targetFor(path, overwrite);
  const workers = createChunkWorkers();
  const writer = await withWorkers(workers, () => createPlateIn(target, plate, { signal }));
  return {
    ...writer,
    createField: (well, image, options) => writer.createField(well, { workers, ...image }, options),
  };
}

/**
 * Adds a label image (a segmentation) in place: to an image in an `.ozx`, or in a folder of OME-Zarr 0.4, 0.5 or 0.6. The
 * label image has the version of the image.
 *
 * In an `.ozx` the pixels are appended to the data, and `close` rewrites the directory: the file is a valid archive at
 * every moment, without the labels before and with them after. What a killed process leaves behind is removed by the next
 * one, or by `ozx fix`. In a folder `close` moves the new arrays in and then lists them, so nothing is visible before.
 *
 * The old bytes of rewritten documents stay in an `.ozx`. Only programs that read it as a stream see them, before the new
 * ones, and `ozx validate` warns about them (`orphan-local`); `ozx fix --force`, or `ozx convert` to another name, writes the archive without them.
 *
 * A file or folder is locked until it is closed: only one writer at a time adds to it or replaces it. The fields of a plate in a folder
 * can be added to at the same time, each by its own path.
 *
 * @example
 * const labels = await addLabels("image.ozx", "nuclei");
 * await labels.write({}, numbers); // a Uint32Array, as large as the image
 * await labels.close();
 *
 * @param place the path of the file or folder, or its `file:` address
 * @param name of the new label image
 * @throws RangeError when there are labels of this name, or options contradict each other
 * @throws UsageError for an unknown option
 * @throws UnsupportedError for anything else than an `.ozx` or a folder, and for OME-Zarr before 0.4
 * @throws WriteFailedError when another writer is at work there, or it cannot be written
 * @throws InvalidArchiveError, InvalidMetadataError when it is damaged
 * @throws SourceChangedError by `close`, when the image was replaced by another one
 */
export async function addLabels(
  place: string | URL,
  name: string,
  { signal, ...labels }: AddLabelsOptions & ReadOptions = {},
): Promise<PixelWriter & Committed> {
  const path = pathOrAddress(place);
  const inside = labels.image?.replace(/^\/+|\/+$/g, "") ?? "";
  const { store, begin, hold, release } = await openInPlace(path, { inside, signal });
  try {
    const workers = createChunkWorkers();
    hold(() => workers.close());
    const writer = await begin({ signal });
    const added = await addLabelsTo({ store, writer }, name, { workers, ...labels }, { signal });
    return { ...added, ...committedBy(added, release) };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Creates a writer that ends the threads that encode its chunks when it is closed or discarded. */
async function withWorkers<Writer extends Committed>(
  workers: ChunkWorkers,
  create: () => Promise<Writer>,
): Promise<Writer> {
  try {
    const writer = await create();
    return { ...writer, ...committedBy(writer, () => workers.close()) };
  } catch (error) {
    await workers.close();
    throw error;
  }
}

/** The methods that end a writer. */
interface Ending<Result> extends Disposer {
  close(options?: ReadOptions): Promise<Result>;
}

/** The methods that end a writer, which then also release what it works with. What `close` throws, disposing does not throw again. */
function endedBy<Result>(writer: Ending<Result>, release: () => Promise<void>): Ending<Result> {
  let ended: Promise<unknown> | undefined;
  return {
    async close(options) {
      const closing = writer.close(options);
      ended ??= closing.finally(release);
      await ended;
      return closing;
    },
    async [Symbol.asyncDispose]() {
      if (ended !== undefined) return void (await ended.catch(() => {}));
      ended = writer[Symbol.asyncDispose]().finally(release);
      await ended;
    },
  };
}

/** As {@link endedBy}, of a writer whose output can be discarded, which disposing it does. */
function committedBy(writer: Committed, release: () => Promise<void>): Committed {
  const ending = endedBy(writer, release);
  return { ...ending, discard: () => ending[Symbol.asyncDispose]() };
}

/** Opens an output; where it exists, the error says how to replace it. */
async function explainExisting<Opened>(open: () => Promise<Opened>): Promise<Opened> {
  try {
    return await open();
  } catch (error) {
    if (!isOzxError(error, "DestinationExists") || !error.replaceable) throw error;
    const { message, location, replaceable } = error;
    throw new DestinationExistsError(`${message}: to replace it, pass overwrite: true`, {
      location,
      replaceable,
    });
  }
}

/** The target for a path. The path is checked when writing begins, after all options are. */
function targetFor(place: string | URL, overwrite: boolean | undefined): StoreTarget {
  const path = pathOrAddress(place);
  const open = (): Promise<StoreTarget> =>
    explainExisting(async () => (await destinationFor(path, { formats, overwrite })).open());
  return {
    name: path,
    write: async (...job) => (await open()).write(...job),
    async begin(options) {
      const target = await open();
      if (target.begin !== undefined) return target.begin(options);
      throw new UnsupportedError(`${path} cannot be written entry by entry: write to a folder or an .ozx`, {
        location: path,
        feature: "growing",
      });
    },
  };
}
