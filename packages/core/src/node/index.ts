/**
 * Files and folders, for Node.
 *
 * @module
 */

export { type Destination, destinationFor, refuseInside } from "./destination.js";
export { createFileSink, openSharedSink } from "./file/file-sink.js";
export { openTailFile, type TailFile } from "./file/tail-file.js";
export { appendToFolder } from "./folder/append-to-folder.js";
export { type DirectoryTargetOptions, directoryTarget } from "./folder/directory-target.js";
export { type DownloadOptions, downloadSource } from "./open/download.js";
export { locate, type OpenPathOptions, openPath } from "./open/open.js";
export { openAny, openOmeZarr } from "./open/open-ome-zarr.js";
export { reopenStore } from "./open/reopen.js";
export { openDirectoryStore } from "./read/directory-store.js";
export { openFileSource } from "./read/file-source.js";
export { type LeftPartial, leftPartials } from "./resume/left-partials.js";
export type { DestinationOptions } from "./system/destination-options.js";
export { type Need, type Room, roomFor } from "./system/free-space.js";
export { lockPath } from "./system/lock-path.js";
export { isAddress, pathOrAddress } from "./system/place.js";
export type { OutputCheck } from "./system/refuted.js";
export { type ChunkWorkOptions, createChunkWork } from "./threads/chunk-work.js";
export { type PackedEntries, packEntries, unpackEntries } from "./threads/packed-entries.js";
export { canStart, type SharedOrders, shareOut, type ThreadReport } from "./threads/share-out.js";
export { takeOrders } from "./threads/take-orders.js";
