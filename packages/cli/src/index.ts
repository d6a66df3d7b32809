/**
 * The ready-made library for Node: core and the containers that the command knows, put together.
 *
 * @module
 */

import type {
  ByteSource,
  HttpOptions,
  OpenNode,
  OpenOmeZarrOptions,
  Store,
  StoreDescriptor,
  StoreOptions,
} from "@ozx/core";
import { openPath, openOmeZarr as openWithFormats, reopenStore } from "@ozx/core/node";
import { formats } from "./formats.js";

export type {
  AddLabelsOptions,
  Committed,
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
} from "@ozx/core";
export { addLabels, type CreateOptions, createImage, createPlate } from "./create.js";
export { formats } from "./formats.js";

export interface OpenOptions extends StoreOptions {
  /** For what is on a server: headers that it wants, a `fetch` that signs. */
  readonly http?: HttpOptions | undefined;
}

/**
 * Opens an OME-Zarr folder, `.ozx` or zip: a path or address, a Blob or File, or a store that is open already.
 *
 * @example
 * const node = await openOmeZarr("dataset.ozx");
 * const plane = await node.images[0].level(0).read({ t: 0, c: 1, z: 12 });
 * await node.close();
 *
 * @example
 * const well = await openOmeZarr("plate.ozx", { path: "B/03" });
 *
 * @throws NotFoundError, UnreadableError, UnknownFormatError, InvalidArchiveError, InvalidMetadataError, UnsupportedError
 */
export function openOmeZarr(
  source: string | Blob | ByteSource | Store,
  options?: Omit<OpenOmeZarrOptions, "formats">,
): Promise<OpenNode> {
  return openWithFormats(source, { ...options, formats });
}

/**
 * Opens an OME-Zarr folder, `.ozx` or zip as a store, which zarrita reads arrays from. With `shareIndex` other
 * threads can open it again without reading its index again.
 *
 * @throws NotFoundError, UnreadableError, UnknownFormatError, InvalidArchiveError, UnsupportedError
 */
export function open(path: string, options?: OpenOptions): Promise<Store> {
  return openPath(path, { ...options, formats });
}

/**
 * Opens a store again in another thread or process, by the descriptor of the one that is open already. Headers for
 * a server are no part of it: give them again.
 *
 * @example
 * new Worker(script, { workerData: store.descriptor?.() });
 * const store = await reopen(workerData); // in the worker
 *
 * @throws SourceChangedError when the file was changed or replaced since
 * @throws NotFoundError, UnreadableError, NetworkError, InvalidArchiveError
 */
export function reopen(descriptor: StoreDescriptor, options?: OpenOptions): Promise<Store> {
  return reopenStore(descriptor, { ...options, formats });
}
