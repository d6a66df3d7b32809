/**
 * For ozx's own packages: no promise is made between versions.
 *
 * @module
 */

export { memoize, untilAborted } from "./bytes/concurrency.js";
export { checkHeaders, isS3Address, publicS3Address, redactAddress } from "./bytes/http/http-address.js";
export type { JobFingerprint, Journal } from "./bytes/source-and-sink.js";
export { loadCodecs } from "./codecs/codecs.js";
export { encodeDeflate } from "./codecs/deflate.js";
export { hasLevel } from "./codecs/levels.js";
export { rejectUnknownOptions } from "./errors.js";
export { hasImageSuffix, withoutImageSuffix } from "./format/image-names.js";
export {
  formatBytes,
  formatCount,
  formatFirst,
  formatNames,
  formatNumber,
  formatRatio,
  formatSeconds,
  formatShape,
  formatSize,
  formatStoredSize,
  plural,
  unitSymbol,
} from "./format/quantities.js";
export { copyBox, stridesOf } from "./image/copy-box.js";
export { type Histogram, histogramOf, parseColor } from "./image/display.js";
export {
  type DownsampleMethod,
  downsample,
  downsampledShape,
} from "./image/downsample.js";
export {
  cellsOver,
  countElements,
  createTileOrder,
  gridShape,
  positionsIn,
  positionsOf,
  type TileOrder,
} from "./image/grid-order.js";
export {
  bytesOfPixels,
  emptyLike,
  fillPixels,
  isFilledWith,
  isFloats,
  type PixelBlock,
  pixelsOfType,
  toPixelBlock,
} from "./image/pixel-values.js";
export { createPositionSet, type PositionSet, positionNumbers } from "./image/position-set.js";
export { createProjection, type ProjectMethod, projectedType } from "./image/project-pixels.js";
export { isChannelAxis } from "./ome/channel-axis.js";
export {
  asCount,
  member,
  OME_KEYS,
  omeMetadataOf,
  omeVersionOf,
  resolvePath,
  versionNameOf,
  versionOfOme,
} from "./ome/ome-metadata.js";
export {
  MISSING_ARRAY,
  TRANSFORM_LENGTH,
  UNREADABLE_PART,
  UNSUPPORTED_TRANSFORM,
} from "./ome/read-context.js";
export { writtenSource } from "./ome/read-image.js";
export { intrinsicSystemOf, listOf, scaleByShapes } from "./ome/read-multiscale.js";
export { omeXmlKey, readOmeInSlices } from "./ome/read-ome.js";
export { withStoredNames } from "./ome/stored-names.js";
export {
  composeAll,
  composeTransforms,
  hasOutput,
  type Placement,
  placementSteps,
  type TransformList,
  type TransformProblem,
  transformsInto,
} from "./ome/transforms.js";
export { isUnit, unitFromSpelling } from "./ome/unit-names.js";
export { hasCoordinateSystems, hasFreeAxes, knownVersion } from "./ome/version-names.js";
export { convertOme } from "./ome/versions/convert-ome.js";
export { downgradeTo04, upgradeTo06 } from "./ome/versions/convert-version.js";
export {
  checkUpgradable,
  imageAt,
  levelDimensionNames,
  refuseUpgradeFaults,
  UPGRADED_VERSION,
  upgradeAttributes,
} from "./ome/versions/upgrade-to-05.js";
export { type ChunkCoding, codingOf, elementParts, partNames } from "./open/chunk-coding.js";
export { openDecodedArray, type StoredChunks, storedChunks } from "./open/decoded-array.js";
export { checkDecodable, decodedView, type StoredArray, shardsAsChunks } from "./open/decoded-view.js";
export { type DisplayedChannel, displayedChannels } from "./open/displayed-channels.js";
export { fillElement } from "./open/empty-pixels.js";
export { checkChunksKnown, openArray } from "./open/open-array.js";
export { openLevel, resolveSelection } from "./open/open-level.js";
export type { Disposer } from "./open/open-node.js";
export { notOmeZarr, OPEN_OME_ZARR_OPTIONS } from "./open/open-ome-zarr.js";
export { locateAddress } from "./open/open-store.js";
export { partView } from "./open/part-view.js";
export type { BlockOptions } from "./open/place-block.js";
export { createBlockReader } from "./open/read-block.js";
export { formatPaths, pathsFrom, storeAt } from "./open/store-at.js";
export { type FinishedEntry, formatFinished, parseFinished, remainingParts } from "./store/checkpoints.js";
export { sourceRemoved } from "./store/entry-bytes.js";
export type { ChunkWindow } from "./store/store.js";
export { findFormat, formatForName, openContainer } from "./store/store-format.js";
export {
  checkKeysDistinct,
  checkKeysOnWindows,
  differsInForm,
  distinctKeys,
  foldKey,
  formatForm,
  joinKey,
  nameBelow,
  unportableReason,
} from "./store/store-keys.js";
export { streamValue } from "./store/stream-value.js";
export type { Piece, ProduceOptions, ProducerOrigin } from "./store/target.js";
export { withFastGets } from "./store/view-store.js";
export type { AssembleTask, BlockPart } from "./workers/assemble-chunk.js";
export {
  type ChunkPoolOptions,
  type ChunkThread,
  type ChunkThreadEvents,
  createChunkPool,
} from "./workers/chunk-pool.js";
export { type ChunkTask, createDownsampler, inlineWorkers, type TaskModules } from "./workers/chunk-tasks.js";
export { type EqualTask, sameBytes } from "./workers/equal-chunks.js";
export { type ChunkTaskRequest, type ChunkTaskResult, serveChunks } from "./workers/serve-chunks.js";
export { checkRequestable, gridOf, keyLocator, listEntries } from "./zarr/array-keys.js";
export { checkForms, checkNodes, strayKey } from "./zarr/check/check-zarr.js";
export { type ChunkDecoder, chunkDecoder } from "./zarr/check/chunk-decoder.js";
export { checkShardChunks } from "./zarr/check/shard-chunks.js";
export { crc32c } from "./zarr/codec/checksums.js";
export { type Codec, chainOf, codecOf, splitChain, undecodable } from "./zarr/codec/codec.js";
export type { ChunkSource, CodingTask } from "./zarr/codec/coding-task.js";
export { chainFault } from "./zarr/codec/decode-array.js";
export {
  BLOSC_COMPRESSORS,
  type BloscCompressor,
  type BloscShuffle,
  ENCODABLE,
} from "./zarr/codec/encode-bytes.js";
export { filterFault, misplacedFilter, splitCodecsV2 } from "./zarr/codec/filters-v2.js";
export { loadZarrita } from "./zarr/codec/load-zarrita.js";
export {
  innermostChunks,
  isSharding,
  takeChunks,
} from "./zarr/codec/shard-chain.js";
export { withSupportedLevels } from "./zarr/codec/supported-levels.js";
export {
  type DataTypeV2,
  dataTypeV2Name,
  dataTypeV3Name,
  downgradeFillValue,
  itemSizeOf,
  narrowFloats,
  parseDataTypeV2,
  plainFillValue,
} from "./zarr/data-types.js";
export { type DocumentLocation, formatJson, guardedInteger, omitMember, stringifyJson } from "./zarr/json.js";
export { laxDocuments } from "./zarr/lax-documents.js";
export { LARGEST_DOCUMENT } from "./zarr/read-document.js";
export { NODE_DOCUMENTS, readNodes } from "./zarr/read-hierarchy.js";
export { describeArrayV3, readZarrNode } from "./zarr/read-node.js";
export {
  type ExtentBlock,
  encodeShardIndex,
  extentAt,
  extentBlocks,
  parseShardIndex,
  type ShardExtent,
  type ShardSlot,
  shardIndexSize,
  sortedExtents,
} from "./zarr/shard/shard-index.js";
export { createShardIndexCache, readShardIndex, smallerThanIndex } from "./zarr/shard/shard-index-cache.js";
export {
  autoShardShape,
  numberInShard,
  positionInShard,
  requestedShardShape,
  type ShardLayout,
  type ShardRequest,
  shardLayout,
} from "./zarr/shard/shard-layout.js";
export { storedPath } from "./zarr/stored-path.js";
export { formatChunkKey, type GroupNode, parseChunkKey } from "./zarr/zarr-node.js";
