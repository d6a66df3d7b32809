/**
 * Zarr hierarchies and OME-Zarr images behind one `Store` contract, for any container. Nothing here needs
 * Node; files and folders are in `@ozx/core/node`.
 *
 * @module
 */

export {
  createThrottle,
  type RunRange,
  type RunSizes,
  readAhead,
  shareWork,
  splitByCost,
  writeBehind,
} from "./bytes/concurrency.js";
export {
  checkHeaders,
  type Fetch,
  type HttpHeaders,
  type HttpOptions,
  isS3Address,
  publicS3Address,
  redactAddress,
} from "./bytes/http/http-address.js";
export { type HttpSourceOptions, openHttpSource } from "./bytes/http/http-source.js";
export { blobSink, blobSource, memorySink, memorySource } from "./bytes/in-memory.js";
export type {
  ByteSink,
  JobFingerprint,
  Journal,
  JournalRecords,
  SharedSink,
  SinkJournal,
} from "./bytes/source-and-sink.js";
export {
  type ByteSource,
  checkByteRange,
  concatBytes,
  type ReadOptions,
  type SourceDescriptor,
} from "./bytes/source-and-sink.js";
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
export { rejectUnknownOptions } from "./errors.js";
export type { Finding, FindingLevel, FindingSeverity } from "./findings.js";
export {
  type CollectOptions,
  collectFindings,
  type FindingCollector,
  type FindingCounts,
  type FindingExample,
  type FindingGroup,
  type KeptRules,
  type Rule,
  type RuleSetSummary,
  summarizeSet,
  violation,
} from "./findings.js";
export * from "./format/quantities.js";
export * from "./format/quantities.js";
export {
  type AutoWindowOptions,
  autoWindow,
  brightness,
  type CompositeChannel,
  compositeChannels,
  defaultColor,
  type Histogram,
  histogramOf,
  parseColor,
  type ValueWindow,
} from "./image/display.js";
export { type DownsampleMethod, downsample, downsampledShape } from "./image/downsample.js";
export { type PixelBlock, type PixelValues, type StridedPixels, toPixelBlock } from "./image/pixel-values.js";
export { inspectArray } from "./inspect/inspect-array.js";
export { errorReport } from "./inspect/inspect-image.js";
export { inspectNode } from "./inspect/inspect-node.js";
export type * from "./inspect/report.js";
export type * from "./ome/model.js";
export { omeVersionOf } from "./ome/ome-metadata.js";
export { countOmeXmlImages, omeXmlKey, type ReadOmeOptions, readOme } from "./ome/read-ome.js";
export { checkOme } from "./ome/rules/check-ome.js";
export type { OmeRule } from "./ome/rules/ome-rule.js";
export { OME_RULES } from "./ome/rules/ome-rules.js";
export { checkSchema, type SchemaOptions } from "./ome/schema/check-schema.js";
export type { SchemaKind, SchemaVersion } from "./ome/schema/ome-schemas.js";
export type { OpenImage, OpenLevel, OpenNode, OpenWell, PixelArray, Pixels, Selection } from "./open/node.js";
export { type Located, locateAddress, type OpenAddressOptions, openAddress } from "./open/open-address.js";
export { OPEN_OME_ZARR_OPTIONS, type OpenOmeZarrOptions, openOmeZarr } from "./open/open-ome-zarr.js";
export { measureStored, type StoredArray, type StoredSizes } from "./open/storage.js";
export { storeAt } from "./open/store-at.js";
export { filesStore, folderStore } from "./store/browser/browser-stores.js";
export { fileHandleSink, folderTarget } from "./store/browser/handle-targets.js";
export {
  type Checkpointer,
  type CheckpointerOptions,
  createCheckpointer,
  sourceFingerprintOf,
} from "./store/checkpoints.js";
export {
  type BlockingStore,
  canReadSync,
  readEntry,
  readEntrySync,
  sourceChanged,
  streamEntry,
} from "./store/entry-bytes.js";
export { type MemoryStore, memoryStore } from "./store/memory-store.js";
export type {
  AbsolutePath,
  BlockingReader,
  ChunkWindow,
  ListOptions,
  PartDescriptor,
  RangeQuery,
  Store,
  StoreDescriptor,
  StoreEntry,
  StoreFingerprint,
  UnlistedStore,
  ViewDescriptor,
} from "./store/store.js";
export {
  type CheckOptions,
  findFormat,
  formatForName,
  type OpenOptions,
  openStore,
  type StoreFormat,
  type StoreOptions,
} from "./store/store-format.js";
export {
  checkKeysDistinct,
  checkKeysSafe,
  collectEntries,
  compareKeys,
  isBelow,
  isListed,
  joinKey,
  keyDepth,
  keyName,
  parentKey,
  resolveRange,
  unsafeReason,
} from "./store/store-keys.js";
export type {
  EarlierEntries,
  EntryInput,
  EntryProducer,
  EntryWriter,
  GeneratedEntry,
  Piece,
  ProduceOptions,
  ProducerOrigin,
  Progress,
  Resumption,
  StoreTarget,
  WriteJob,
  WriteOptions,
} from "./store/target.js";
export { type EarlierGenerated, progressAfter, progressCounter, writeGenerated } from "./store/target.js";
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
export type { ChunkTaskRequest, ChunkTaskResult } from "./workers/chunk-pool.js";
export {
  type ChunkPoolOptions,
  type ChunkThread,
  type ChunkThreadEvents,
  createChunkPool,
  serveChunks,
} from "./workers/chunk-pool.js";
export type { ChunkTask } from "./workers/chunk-tasks.js";
export { type ChunkTaskOptions, type ChunkWorkers, inlineWorkers } from "./workers/chunk-tasks.js";
export { checkZarr } from "./zarr/check/check-zarr.js";
export { zarrRules } from "./zarr/check/zarr-rules.js";
export { type CodecRequest, parseCodecRequest } from "./zarr/codec/codec-request.js";
export { itemSizeOf } from "./zarr/data-types.js";
export { isJsonObject, type JsonObject, parseJsonObject, stringifyJson } from "./zarr/json.js";
export { findHierarchyRoot, readHierarchy } from "./zarr/read-hierarchy.js";
export { readZarrNode } from "./zarr/read-node.js";
export type { ShardRequest } from "./zarr/shard/shard-layout.js";
export type {
  ArrayDescription,
  ArrayNode,
  BrokenNode,
  GroupNode,
  Hierarchy,
  ZarrNode,
} from "./zarr/zarr-node.js";
export { formatChunkKey, parseChunkKey } from "./zarr/zarr-node.js";
