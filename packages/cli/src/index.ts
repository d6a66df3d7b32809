/**
 * The library for Node, with every format that the command knows.
 *
 * @module
 */

import {
  type ByteSource,
  type HttpOptions,
  type OpenNode,
  type OpenOmeZarrOptions,
  openOmeZarr as openWithFormats,
  type Store,
  type StoreDescriptor,
  type StoreOptions,
  UsageError,
} from "@ozx/core";
import { OPEN_OME_ZARR_OPTIONS, rejectUnknownOptions } from "@ozx/core/internal";
import { sharedChunkWorkers } from "@ozx/core/internal/node";
import { openPath, reopen as reopenWithFormats } from "@ozx/core/node";
import { formats } from "./formats.js";

export type {
  AddLabelsOptions,
  Closed,
  Committed,
  GrowingImageOptions,
  GrowingImageWriter,
  ImageWriter,
  NewAxis,
  NewChannel,
  NewFieldOptions,
  NewImageOptions,
  NewLabelsOptions,
  NewPlateOptions,
  PixelWriter,
  PlateWriter,
  StorageOptions,
  UnwrittenPixels,
} from "@ozx/convert";
export {
  CorruptDataError,
  DestinationExistsError,
  type ErrorLocation,
  InvalidArchiveError,
  InvalidMetadataError,
  isOzxError,
  NetworkError,
  NotFoundError,
  OzxError,
  type OzxErrorTag,
  SourceChangedError,
  UnknownFormatError,
  UnreadableError,
  UnsafeNameError,
  UnsupportedError,
  UsageError,
  WriteFailedError,
} from "@ozx/core";
export { addLabels, type CreateOptions, createImage, createPlate } from "./create.js";
export { formats } from "./formats.js";

/** The options of {@link open} and {@link reopen}. */
export interface OpenOptions extends StoreOptions {
  /** For addresses: headers that the server requires, or a `fetch` that signs requests. */
  readonly http?: HttpOptions | undefined;
}

/** The options of {@link openOmeZarr}. */
export interface OpenImageOptions extends Omit<OpenOmeZarrOptions, "formats" | "workers"> {
  /**
   * In how many threads `read` decodes; by default, one for each processor. They are shared by all images, started by the
   * first read of several megabytes, and do not keep the process from ending. With 0 the calling thread decodes.
   */
  readonly workers?: number | OpenOmeZarrOptions["workers"];
}

const OPEN_OPTIONS: readonly (keyof OpenOptions)[] = [
  "http",
  "shareIndex",
  "wholeIndex",
  "signal",
  "descriptor",
  "maxMetadata",
  "axes",
  "allowMissing",
  "workers",
  "blocking",
];
const HTTP_OPTIONS: readonly (keyof HttpOptions)[] = ["headers", "fetch", "timeout"];
const OPEN_NODE_OPTIONS = OPEN_OME_ZARR_OPTIONS.filter((name) => name !== "formats");

/**
 * Opens an OME-Zarr folder, `.ozx` or zip, as an image, plate or collection.
 *
 * @example
 * const node = await openOmeZarr("dataset.ozx");
 * const plane = await node.images[0].level(0).read({ t: 0, c: 1, z: 12 });
 * await node.close();
 *
 * @example
 * const well = await openOmeZarr("plate.ozx", { path: "B/03" });
 *
 * @param source a path, a `file:`, `http(s):` or `s3:` address, a Blob or File, or an open store, which is closed with the
 * node
 * @throws NotFoundError, UnreadableError, NetworkError when it cannot be read
 * @throws UnknownFormatError, InvalidArchiveError, InvalidMetadataError, UnsupportedError when it cannot be understood
 * @throws UsageError for an unknown option
 */
export async function openOmeZarr(
  source: string | URL | Blob | ByteSource | Store,
  options: OpenImageOptions = {},
): Promise<OpenNode> {
  checkOptions("openOmeZarr", options, OPEN_NODE_OPTIONS);
  const { workers } = options;
  checkWorkers(workers);
  const decoding = typeof workers === "object" ? workers : sharedChunkWorkers(workers);
  const opening = { ...options, workers: decoding, formats };
  const isLocation = typeof source === "string" || source instanceof URL;
  return openWithFormats(isLocation ? await openPath(source, opening) : source, opening);
}

/**
 * Opens an OME-Zarr folder, `.ozx` or zip as a store, which zarrita reads arrays from. {@link reopen} opens it again in
 * another thread or process by its `descriptor`; with `shareIndex`, threads share the index of an archive. A Blob or a
 * folder on a server has no descriptor.
 *
 * @param source a path, a `file:`, `http(s):` or `s3:` address, a Blob or File
 * @throws NotFoundError, UnreadableError, NetworkError when it cannot be read
 * @throws UnknownFormatError, InvalidArchiveError, UnsupportedError when it cannot be understood
 * @throws UsageError for an unknown option
 */
export async function open(source: string | URL | Blob | ByteSource, options?: OpenOptions): Promise<Store> {
  checkOptions("open", options);
  return openPath(source, { ...options, formats });
}

/**
 * Opens a store again in another thread or process, by the descriptor of the open one. Headers for a server are not part
 * of the descriptor: pass them again.
 *
 * @example
 * new Worker(script, { workerData: store.descriptor?.() });
 * const store = await reopen(workerData); // in the worker
 *
 * @throws SourceChangedError when the file was changed or replaced meanwhile
 * @throws NotFoundError, UnreadableError, NetworkError, InvalidArchiveError when it cannot be opened
 */
export async function reopen(descriptor: StoreDescriptor, options?: OpenOptions): Promise<Store> {
  checkOptions("reopen", options);
  return reopenWithFormats(descriptor, { ...options, formats });
}

function checkWorkers(workers: OpenImageOptions["workers"]): void {
  if (typeof workers !== "number" || (Number.isInteger(workers) && workers >= 0)) return;
  throw new UsageError(`invalid number of workers: ${workers}; give a whole number, or 0 for none`);
}

function checkOptions(
  what: string,
  options: Pick<OpenOptions, "http"> = {},
  known: readonly string[] = OPEN_OPTIONS,
): void {
  rejectUnknownOptions(what, options, known);
  rejectUnknownOptions("http", options.http ?? {}, HTTP_OPTIONS);
}
