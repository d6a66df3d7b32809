/**
 * Zarr hierarchies and OME-Zarr images behind one `Store` contract, for any container. Nothing here needs
 * Node; files and folders are in `@ozx/core/node`.
 *
 * @module
 */

export { blobSource } from "./bytes/blob.js";
export { blobSink } from "./bytes/browser/blob-sink.js";
export { fileHandleSink } from "./bytes/browser/file-handle-sink.js";
export type {
  ByteSink,
  EarlierNotes,
  JobFingerprint,
  Journal,
  SharedSink,
  SinkJournal,
} from "./bytes/byte-sink.js";
export { type ByteSource, checkRange, type ReadOptions, type SourceDescriptor } from "./bytes/byte-source.js";
export { concatenate } from "./bytes/concatenate.js";
export { shownAddress } from "./bytes/http/address.js";
export { checkHeaders, type Fetch, type HttpHeaders, type HttpOptions } from "./bytes/http/http-options.js";
export { type HttpSourceOptions, openHttpSource } from "./bytes/http/http-source.js";
export { isS3Address, publicS3Address } from "./bytes/http/s3-address.js";
export { memorySink, memorySource } from "./bytes/memory.js";
export { toByteSource } from "./bytes/to-byte-source.js";
export { type AddLabelsOptions, addLabels } from "./create/add-labels.js";
export { IMAGE_OPTIONS } from "./create/check-given.js";
export {
  type Committed,
  createImage,
  type ImageWriter,
  type NewLabelsOptions,
} from "./create/create-image.js";
export {
  createPlate,
  type NewFieldOptions,
  type NewPlateOptions,
  PLATE_OPTIONS,
  type PlateWriter,
} from "./create/create-plate.js";
export type { NewAxis, NewChannel, NewImageOptions, StorageOptions } from "./create/image-options.js";
export type { PixelWriter } from "./create/image-writer.js";
export * from "./errors.js";
export {
  type CollectOptions,
  collectFindings,
  type FindingCollector,
  type FindingCounts,
  type FindingExample,
  type FindingGroup,
} from "./findings/collect.js";
export type { Finding, FindingLevel, FindingSeverity } from "./findings/finding.js";
export { breach, type Rule } from "./findings/rule.js";
export { type KeptRules, type RuleSetSummary, summarizeSet } from "./findings/summary.js";
export {
  brightness,
  type CompositeChannel,
  composite,
  defaultColor,
  parseColor,
} from "./image/composite.js";
export { type DownsampleMethod, downsample, downsampledShape } from "./image/downsample.js";
export { type PixelBlock, type PixelValues, type StridedPixels, toPixelBlock } from "./image/pixel-values.js";
export {
  type AutoWindowOptions,
  autoWindow,
  type Histogram,
  histogramOf,
  type ValueWindow,
} from "./image/window.js";
export { inspectArray } from "./inspect/inspect-array.js";
export { errorReport } from "./inspect/inspect-image.js";
export { inspectNode } from "./inspect/inspect-node.js";
export type * from "./inspect/report.js";
export type * from "./ome/model.js";
export { countOmeXmlImages, omeXmlKey } from "./ome/ome-xml.js";
export { type ReadOmeOptions, readOme } from "./ome/read-ome.js";
export { OME_RULES } from "./ome/rules/all-rules.js";
export { checkOme } from "./ome/rules/check-ome.js";
export type { OmeRule } from "./ome/rules/rule.js";
export { checkSchema, type SchemaOptions } from "./ome/schema/check-schema.js";
export type { SchemaKind, SchemaVersion } from "./ome/schema/documents.js";
export { omeVersionOf } from "./ome/version.js";
export type { OpenImage, OpenLevel, OpenNode, OpenWell, PixelArray, Pixels, Selection } from "./open/node.js";
export { type Located, locateAddress, type OpenAddressOptions, openAddress } from "./open/open-address.js";
export { OPEN_OME_ZARR_OPTIONS, type OpenOmeZarrOptions, openOmeZarr } from "./open/open-ome-zarr.js";
export { measureStored, type StoredArray, type StoredSizes } from "./open/storage.js";
export { storeAt } from "./open/store-at.js";
export { filesStore } from "./store/browser/files-store.js";
export { folderStore } from "./store/browser/folder-store.js";
export { folderTarget } from "./store/browser/folder-target.js";
export {
  type BlockingStore,
  canReadSync,
  readEntry,
  readEntrySync,
  sourceChanged,
  streamEntry,
} from "./store/entry-bytes.js";
export {
  type CheckOptions,
  findFormat,
  formatForName,
  type OpenOptions,
  openStore,
  type StoreFormat,
  type StoreOptions,
} from "./store/format.js";
export { stampOf } from "./store/job-stamp.js";
export { compareKeys, isBelow, joinKey, keyDepth, keyName, parentKey } from "./store/keys.js";
export { collectEntries, isListed } from "./store/list.js";
export { type MemoryStore, memoryStore } from "./store/memory.js";
export { createNoteTaker, type NoteTaker, type NoteTakerOptions } from "./store/note-taker.js";
export { createPacer } from "./store/pacer.js";
export { progressAfter, progressCounter } from "./store/progress-counter.js";
export { resolveRange } from "./store/range.js";
export { readAhead } from "./store/read-ahead.js";
export { checkKeysDistinct, checkKeysSafe, unsafeReason } from "./store/safe-keys.js";
export { shareWork } from "./store/share-work.js";
export { type RunRange, type RunSizes, splitByWork } from "./store/split-runs.js";
export type {
  AbsolutePath,
  BlockingReader,
  ListOptions,
  RangeQuery,
  Store,
  StoreDescriptor,
  StoreEntry,
  StoreStamp,
  UnlistedStore,
} from "./store/store.js";
export type {
  EarlierEntries,
  EntryInput,
  EntryMaker,
  EntryWriter,
  MadeEntry,
  MadeOrigin,
  MakeOptions,
  Piece,
  Progress,
  Resumption,
  StoreTarget,
  WriteJob,
  WriteOptions,
} from "./store/target.js";
export type { ChunkWindow, PartDescriptor, ViewDescriptor } from "./store/view-descriptor.js";
export { writeBehind } from "./store/write-behind.js";
export { type EarlierMade, writeMade } from "./store/write-made.js";
export { type PlanOptions, planTransfer, type TargetNeeds, type TransferPlan } from "./transfer/plan.js";
export type { RewriteKind, Rewritten } from "./transfer/rewritten.js";
export { runTransfer } from "./transfer/run.js";
export { selectView } from "./transfer/select/select-view.js";
export { type Span, spellSpan, type TransferSelection } from "./transfer/select/selection.js";
export { needsOfVersion, planVersion, type WritableVersion } from "./transfer/version.js";
export { isValid, type ValidationReport } from "./validate/report.js";
export { type ValidateOptions, validateOmeZarr } from "./validate/validate.js";
export { specificationTitle, type Verdict, verdictsOf } from "./validate/words.js";
export { verifyBytes } from "./verify/bytes.js";
export type { Difference } from "./verify/difference.js";
export { type VerifyOptions, verifyStores } from "./verify/verify.js";
export * from "./words/quantities.js";
export { refuseUnknown } from "./words/refuse-unknown.js";
export * from "./words/units.js";
export type { ChunkOrder, ChunkReport } from "./work/chunk-messages.js";
export {
  type ChunkPoolOptions,
  type ChunkThread,
  type ChunkThreadEvents,
  createChunkPool,
} from "./work/chunk-pool.js";
export type { ChunkTask } from "./work/chunk-task.js";
export { type ChunkTaskOptions, type ChunkWork, inlineWork } from "./work/chunk-work.js";
export { serveChunks } from "./work/serve-chunks.js";
export { checkZarr } from "./zarr/check/check-zarr.js";
export { zarrRules } from "./zarr/check/rules.js";
export { formatChunkKey, parseChunkKey } from "./zarr/chunk-key.js";
export { type CodecRequest, parseCodecRequest } from "./zarr/codec/requested.js";
export { itemSizeOf } from "./zarr/data-type.js";
export { findRoot } from "./zarr/find-root.js";
export { readHierarchy } from "./zarr/hierarchy.js";
export { isJsonObject, type JsonObject, parseJsonObject, stringifyJson } from "./zarr/json.js";
export type { ArrayDescription, ArrayNode, BrokenNode, GroupNode, Hierarchy, ZarrNode } from "./zarr/node.js";
export { readNode } from "./zarr/read-node.js";
export type { ShardRequest } from "./zarr/shard/shard-shape.js";
