/**
 * Files and folders, for Node.
 *
 * @module
 */

export { appendToFolder } from "./append-to-folder.js";
export { type ChunkWorkOptions, createChunkWork } from "./chunk-work.js";
export { type Destination, destinationFor, refuseInside } from "./destination.js";
export type { DestinationOptions } from "./destination-options.js";
export { openDirectoryStore } from "./directory-store.js";
export { type DirectoryTargetOptions, directoryTarget } from "./directory-target.js";
export { type DownloadOptions, downloadSource } from "./download.js";
export { createFileSink, openSharedSink } from "./file-sink.js";
export { openFileSource } from "./file-source.js";
export { type Need, type Room, roomFor } from "./free-space.js";
export { type LeftPartial, leftPartials } from "./left-partials.js";
export { lockPath } from "./lock-path.js";
export { locate, type OpenPathOptions, openPath } from "./open.js";
export { openAny, openOmeZarr } from "./open-ome-zarr.js";
export { type PackedEntries, packEntries, unpackEntries } from "./packed-entries.js";
export { isAddress, pathOrAddress } from "./place.js";
export type { OutputCheck } from "./refuted.js";
export { reopenStore } from "./reopen.js";
export { canStart, type SharedOrders, shareOut, type ThreadReport } from "./share-out.js";
export { openTailFile, type TailFile } from "./tail-file.js";
export { takeOrders } from "./take-orders.js";
