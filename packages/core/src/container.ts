/**
 * What a container package needs: sources and sinks of bytes, targets, producers of entries, throttles.
 *
 * @module
 */

export { blobSource } from "./bytes/blob-source.js";
export {
  createThrottle,
  type RunRange,
  readAhead,
  shareWork,
  splitByCost,
  splitEvenly,
  writeBehind,
} from "./bytes/concurrency.js";
export type { FilePart, FileState, FixedRange } from "./bytes/file-part.js";
export type { GrowingFile } from "./bytes/growing-file.js";
export { type HttpSourceOptions, openHttpSource } from "./bytes/http/http-source.js";
export { blobSink, type MemorySink, memorySink, memorySource } from "./bytes/in-memory.js";
export { forEachInSlices, sortInSlices } from "./bytes/slices.js";
export {
  type ByteSink,
  checkByteRange,
  checkWithinFolder,
  concatBytes,
  type JournalRecords,
  type ListFilesOptions,
  newBuffer,
  type SharedSink,
  type SinkJournal,
  type SourceDescriptor,
  type SourceFolder,
} from "./bytes/source-and-sink.js";
export { type SourceOptions, withSource } from "./bytes/to-byte-source.js";
export { IS_LITTLE_ENDIAN, swapBytes } from "./image/byte-order.js";
export { fileHandleSink, folderTarget } from "./store/browser/handle-targets.js";
export { checkSourceUnchanged, createCheckpointer, sourceFingerprintOf } from "./store/checkpoints.js";
export {
  type BlockingStore,
  canReadSync,
  readEntry,
  readEntrySync,
  readValue,
  sourceChanged,
  streamEntry,
} from "./store/entry-bytes.js";
export { type MemoryStore, memoryStore } from "./store/memory-store.js";
export type { PartedIndex, PartedJob } from "./store/parted-job.js";
export type { BlockingReader, ListOptions, RangeQuery, StoreFingerprint } from "./store/store.js";
export type { FolderOptions } from "./store/store-format.js";
export {
  checkKeysSafe,
  collectEntries,
  compareKeys,
  isBelow,
  isListed,
  keyName,
  parentKey,
  resolveRange,
  unsafeReason,
} from "./store/store-keys.js";
export {
  type EarlierGenerated,
  type EntryInput,
  type EntryProducer,
  type EntryStep,
  type EntryWriter,
  type GeneratedEntry,
  type InPlaceWriter,
  type Progress,
  type ProgressCounter,
  progressAfter,
  progressCounter,
  type Resumption,
  type StepWriter,
  type StoreTarget,
  type WholeEntry,
  type WriteJob,
  type WriteOptions,
  writeGenerated,
} from "./store/target.js";
export { refuseTooLong } from "./store/value-limit.js";
export { isJsonObject, parseJsonObject } from "./zarr/json.js";
export { findHierarchyRoot } from "./zarr/read-hierarchy.js";
