/**
 * For ozx's own packages in Node: no promise is made between versions.
 *
 * @module
 */

export { type BucketClient, openBucket } from "./bucket/bucket-client.js";
export { BucketRefusedError, isRefusal, writeRefused } from "./bucket/bucket-errors.js";
export { completeParts, type MultipartSinkOptions, multipartSink } from "./bucket/multipart-sink.js";
export {
  abortUpload,
  createUpload,
  listUploads,
  MOST_PARTS,
  SMALLEST_PART,
  type UploadedPart,
  uploadPart,
} from "./bucket/multipart-upload.js";
export { deleteObject, getText, headObject, listObjects, putObject } from "./bucket/objects.js";
export { cutIntoParts } from "./bucket/part-sizes.js";
export { createPartUploader } from "./bucket/part-uploader.js";
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
export { announceReady, startThread } from "./threads/distribute-tasks.js";
