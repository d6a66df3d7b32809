/**
 * Staged files and folders, for Node.
 *
 * @module
 */

export { appendToFolder, openTailFile } from "./change-in-place.js";
export { type Destination, destinationFor, refuseInside } from "./destination.js";
export { directoryTarget } from "./directory-target.js";
export { createFileSink } from "./file-sink.js";
export { findLeftovers, type Leftover } from "./leftovers.js";
export { lockPath } from "./lock-path.js";
export { type FreeSpace, freeSpaceFor, type StagedOutput } from "./staging.js";
