/**
 * Files, folders and threads, for Node.
 *
 * @module
 */

export { type OpenPathOptions, openPath, reopen } from "./open/open-location.js";
export { openSharedSink } from "./read/blocking-files.js";
export { openFileSource } from "./read/file-source.js";
export { createChunkWorkers } from "./threads/chunk-workers.js";
export {
  canStart,
  distributeTasks,
  type PackedEntries,
  packEntries,
  runTasks,
  unpackEntries,
} from "./threads/distribute-tasks.js";
