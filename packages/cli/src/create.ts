import { join } from "node:path";
import {
  type AddLabelsOptions,
  addLabels as addLabelsTo,
  type Committed,
  createImage as createImageIn,
  createPlate as createPlateIn,
  IMAGE_OPTIONS,
  type ImageWriter,
  type NewImageOptions,
  type NewPlateOptions,
  type PixelWriter,
  PLATE_OPTIONS,
  type PlateWriter,
} from "@ozx/convert";
import { appendToFolder, destinationFor, lockPath, openTailFile } from "@ozx/convert/node";
import {
  type ChunkWorkers,
  DestinationExistsError,
  isOzxError,
  type ReadOptions,
  type Store,
  UnsupportedError,
} from "@ozx/core";
import type { EntryWriter, StoreTarget } from "@ozx/core/container";
import { rejectUnknownOptions } from "@ozx/core/internal";
import { pathOrAddress } from "@ozx/core/internal/node";
import { createChunkWorkers, openPath } from "@ozx/core/node";
import { appendToArchive, isZipStore } from "@ozx/store-zip";
import { formats } from "./formats.js";

export interface CreateOptions extends ReadOptions {
  /** Replace what is at the path, once the new image is complete. */
  readonly overwrite?: boolean | undefined;
}

const CREATE_OPTIONS: readonly (keyof CreateOptions)[] = ["overwrite", "signal"];

/**
 * Creates an OME-Zarr 0.5 image with its pyramid: one file where the path ends in `.ozx`, a folder where it ends in
 * `.zarr` or nothing. Nothing is at the path before `close`; `discard` leaves it as it was.
 *
 * In an `.ozx` entries lie as they were written, and only the directory lists all `zarr.json` first, which readers go
 * by; `ozx convert` makes a copy with them first in the file, too.
 *
 * @example
 * const image = await createImage("out.ozx", { axes: ["c", "y", "x"], shape: [2, 2048, 2048], dtype: "uint16" });
 * await image.write({ c: 0 }, plane); // a Uint16Array of 2048 × 2048
 * await image.close();
 *
 * @throws RangeError when the options contradict each other, or would give no OME-Zarr
 * @throws DestinationExistsError when something is there and `overwrite` is not set
 * @throws UsageError when the suffix is none that can be written
 */
export async function createImage(
  path: string | URL,
  options: NewImageOptions & CreateOptions,
): Promise<ImageWriter & Committed> {
  rejectUnknownOptions("an image", options ?? {}, [...IMAGE_OPTIONS, ...CREATE_OPTIONS]);
  const { signal, overwrite, ...image } = options ?? {};
  const target = targetFor(path, overwrite);
  const work = createChunkWorkers();
  return withWorkers(work, () => createImageIn(target, { workers: work, ...image }, { signal }));
}

/**
 * Creates an OME-Zarr 0.5 plate, whose fields are images that are written like those of {@link createImage}: in an
 * `.ozx` the metadata of each lies where it came, and `ozx convert` puts all of it in front.
 *
 * @example
 * const plate = await createPlate("plate.ozx", { rows: ["A", "B"], columns: ["1", "2", "3"] });
 * const field = await plate.createField("B/3", { axes: ["y", "x"], shape: [512, 512], dtype: "uint8" });
 * await field.write({}, pixels);
 * await plate.close();
 *
 * @throws RangeError, DestinationExistsError, UsageError as `createImage` does
 */
export async function createPlate(
  path: string | URL,
  options: NewPlateOptions & CreateOptions,
): Promise<PlateWriter> {
  rejectUnknownOptions("a plate", options ?? {}, [...PLATE_OPTIONS, ...CREATE_OPTIONS]);
  const { signal, overwrite, ...plate } = options ?? {};
  const target = targetFor(path, overwrite);
  const work = createChunkWorkers();
  const writer = await withWorkers(work, () => createPlateIn(target, plate, { signal }));
  return {
    ...writer,
    createField: (well, image, options) => writer.createField(well, { workers: work, ...image }, options),
  };
}

/**
 * Adds a label image (a segmentation) to an image where it lies: in a folder of OME-Zarr 0.4, 0.5 or 0.6, or in an
 * `.ozx`. It is of the image's version.
 *
 * In an `.ozx` the pixels go behind the old data, then the directory is written again: the file is a valid archive at
 * every moment, as it was before until `close` is done, and with the labels from then on; what a run that was killed has
 * left of itself the next one takes away, or `ozx fix`. In a folder nothing is seen before `close` either, which moves
 * the new arrays in and then lists them.
 *
 * The documents that are written anew leave their old bytes behind in an `.ozx`, which no reader sees and `ozx validate`
 * warns of (`orphan-local`); `ozx fix --force`, or `ozx convert` to another name, writes it without them.
 *
 * One at a time adds to a file or folder: until it is closed, others are refused. Fields of a plate that is a folder can
 * be added to at the same time, each by its own path. Where it was replaced meanwhile, as by `createImage`, `close` throws
 * `SourceChangedError`.
 *
 * @example
 * const labels = await addLabels("image.ozx", "nuclei");
 * await labels.write({}, numbers); // a Uint32Array, as large as the image
 * await labels.close();
 *
 * @throws RangeError when there are labels of this name, or the options contradict each other
 * @throws UsageError for options that there are none of
 * @throws UnsupportedError when it is neither, or OME-Zarr before 0.4
 * @throws WriteFailedError when something else changes it, or it cannot be written
 * @throws InvalidArchiveError, InvalidMetadataError
 */
export async function addLabels(
  place: string | URL,
  name: string,
  { signal, ...labels }: AddLabelsOptions & ReadOptions = {},
): Promise<PixelWriter & Committed> {
  const path = pathOrAddress(place);
  const held: (() => Promise<void>)[] = [];
  const release = async (): Promise<void> => {
    try {
      await held.pop()?.();
    } finally {
      if (held.length > 0) await release();
    }
  };
  try {
    const image = labels.image?.replace(/^\/+|\/+$/g, "") ?? "";
    // Before anything is read: what is read must still hold when it is written.
    for (const place of image === "" ? [path] : [path, join(path, image)]) held.push(await lockPath(place));
    const store = await openPath(path, { formats, signal });
    held.push(() => store.close());
    const work = createChunkWorkers();
    held.push(() => work.close());
    const writer = await writerInto(store, path, held, { signal });
    const added = await addLabelsTo(store, writer, name, { workers: work, ...labels }, { signal });
    let ending: Promise<void> | undefined;
    return {
      ...added,
      close: (options) => (ending ??= added.close(options).finally(release)),
      discard: () => (ending ??= added.discard().finally(release)),
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/**
 * What adds entries to what is open at a path.
 *
 * @param held gets what is to be closed in the end
 */
async function writerInto(
  store: Store,
  path: string,
  held: (() => Promise<void>)[],
  options: ReadOptions,
): Promise<EntryWriter> {
  if (store.format === "directory") return appendToFolder(path);
  if (!isZipStore(store) || store.root !== "") {
    throw new UnsupportedError(
      `${path} is neither a folder nor an archive with an image at its root, and only to such labels can be added`,
      { location: path, feature: "adding labels" },
    );
  }
  const { source } = await store.loadArchive(options);
  const file = await openTailFile(path);
  held.push(() => file.close());
  return appendToArchive(source, file, options);
}

/** Lets threads that encode chunks go with what they encode for. */
async function withWorkers<Writer extends Committed>(
  work: ChunkWorkers,
  create: () => Promise<Writer>,
): Promise<Writer> {
  try {
    const writer = await create();
    return {
      ...writer,
      close: (options) => writer.close(options).finally(() => work.close()),
      discard: () => writer.discard().finally(() => work.close()),
    };
  } catch (error) {
    await work.close();
    throw error;
  }
}

/** The target that a path names, which is looked at once all that was asked for is known to make sense. */
function targetFor(place: string | URL, overwrite: boolean | undefined): StoreTarget {
  const path = pathOrAddress(place);
  const open = async (): Promise<StoreTarget> => {
    try {
      return await (await destinationFor(path, { formats, overwrite })).open();
    } catch (error) {
      if (!isOzxError(error, "DestinationExists") || !error.replaceable) throw error;
      const { message, location, replaceable } = error;
      throw new DestinationExistsError(`${message}: to replace it, pass overwrite: true`, {
        location,
        replaceable,
      });
    }
  };
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
