import {
  type ChunkWork,
  type Committed,
  createImage as createImageIn,
  createPlate as createPlateIn,
  type ImageWriter,
  type NewImageOptions,
  type NewPlateOptions,
  type PlateWriter,
  type ReadOptions,
  type StoreTarget,
} from "@ozx/core";
import { createChunkWork, destinationFor } from "@ozx/core/node";
import { formats } from "./formats.js";

export interface CreateOptions extends ReadOptions {
  /** Replace what is at the path, once the new image is complete. */
  readonly overwrite?: boolean | undefined;
}

/**
 * Creates an OME-Zarr 0.5 image with its pyramid: one file where the path ends in `.ozx`, a folder where it ends in
 * `.zarr` or nothing. Nothing is at the path before `close`; `discard` leaves it as it was.
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
  path: string,
  { signal, overwrite, ...image }: NewImageOptions & CreateOptions,
): Promise<ImageWriter & Committed> {
  const target = await targetAt(path, overwrite);
  const work = createChunkWork();
  return withWork(work, () => createImageIn(target, { work, ...image }, { signal }));
}

/**
 * Creates an OME-Zarr 0.5 plate, whose fields are images that are written like those of {@link createImage}.
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
  path: string,
  { signal, overwrite, ...plate }: NewPlateOptions & CreateOptions,
): Promise<PlateWriter> {
  const target = await targetAt(path, overwrite);
  const work = createChunkWork();
  const writer = await withWork(work, () => createPlateIn(target, plate, { signal }));
  return {
    ...writer,
    createField: (well, image, options) => writer.createField(well, { work, ...image }, options),
  };
}

/** Lets threads that encode chunks go with what they encode for. */
async function withWork<Writer extends Committed>(
  work: ChunkWork,
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

async function targetAt(path: string, overwrite: boolean | undefined): Promise<StoreTarget> {
  return (await destinationFor(path, { formats, overwrite })).open();
}
