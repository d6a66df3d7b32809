/**
 * For ozx's own packages in Node: no promise is made between versions.
 *
 * @module
 */

export { type BucketClient, type BucketClientOptions, openBucket } from "./bucket/bucket-client.js";
export { BucketRefusedError, isRefusal, writeRefused } from "./bucket/bucket-errors.js";
export { type MultipartSinkOptions, multipartSink } from "./bucket/multipart-sink.js";
export {
  abortUpload,
  listUploads,
} from "./bucket/multipart-upload.js";
export {
  deleteObject,
  headObject,
  listObjects,
  type ObjectState,
  putObject,
} from "./bucket/objects.js";
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
