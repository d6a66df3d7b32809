/**
 * Opens OME-Zarr images, whatever they come in, and reads their pixels and metadata. Nothing here needs Node.
 *
 * @module
 */

export type { Fetch, HttpOptions } from "./bytes/http/http-address.js";
export type { ByteSource, ReadOptions } from "./bytes/source-and-sink.js";
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
} from "./errors.js";
export type { Finding, FindingLevel, FindingSeverity } from "./findings.js";
export { autoWindow, compositeChannels, defaultColor } from "./image/display.js";
export type { PixelValues } from "./image/pixel-values.js";
export type {
  Axis,
  Channel,
  Image,
  LabelImage,
  Level,
  Multiscale,
  OmeNode,
  OmeVersion,
  Plate,
  PlateWell,
} from "./ome/model.js";
export { readOme } from "./ome/read-ome.js";
export type {
  OpenImage,
  OpenLevel,
  OpenNode,
  OpenWell,
  PixelArray,
  Pixels,
  Selection,
} from "./open/open-node.js";
export { type OpenOmeZarrOptions, openOmeZarr } from "./open/open-ome-zarr.js";
export { openStore } from "./open/open-store.js";
export { filesStore, folderStore } from "./store/browser/browser-stores.js";
export type {
  AbsolutePath,
  Store,
  StoreDescriptor,
  StoreEntry,
} from "./store/store.js";
export type { OpenOptions, StoreFormat, StoreOptions } from "./store/store-format.js";
export type { ChunkWorkers } from "./workers/chunk-tasks.js";
export type { JsonObject } from "./zarr/json.js";
export { readHierarchy } from "./zarr/read-hierarchy.js";
export type { ArrayDescription, ArrayNode, Hierarchy, ZarrNode } from "./zarr/zarr-node.js";
