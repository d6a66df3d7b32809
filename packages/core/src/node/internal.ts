/**
 * For ozx's own packages in Node: no promise is made between versions.
 *
 * @module
 */

export { downloadSource } from "./open/download.js";
export { isAddress, locatePath, pathOrAddress } from "./open/open-location.js";
export { openDirectoryStore } from "./read/directory-store.js";
export {
  type HeldFile,
  holdFile,
  writeAll,
  writeAllSync,
} from "./system/open-file.js";
export { errorCode, readFailure, systemMessage, writeFailure } from "./system/system-errors.js";
export { sharedChunkWorkers } from "./threads/chunk-workers.js";
