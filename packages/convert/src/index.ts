/**
 * Plans and runs conversions of OME-Zarr between any stores, creates images, and compares images. Runs in browsers and
 * in Node.
 *
 * @module
 */

export { type CodecRequest, parseCodecRequest } from "./chunks/codec-request.js";
export { type AddLabelsOptions, addLabels } from "./create/add-labels.js";
export { IMAGE_OPTIONS } from "./create/check-arguments.js";
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
export {
  createGrowingImage,
  type GrowingImageOptions,
  type GrowingImageWriter,
} from "./create/growing-image.js";
export type { NewAxis, NewChannel, NewImageOptions, StorageOptions } from "./create/image-options.js";
export type { Closed, PixelWriter } from "./create/image-writer.js";
export type { UnwrittenPixels } from "./create/written-regions.js";
export { type FindDamageOptions, findDamage } from "./damage/find-damage.js";
export { hideDamage } from "./damage/hide-damage.js";
export type { Damage, LostInShard, LostValue } from "./damage/lost-values.js";
export {
  type LostChunk,
  type LostDocument,
  type LostOfArray,
  type LostSummary,
  summarizeInShards,
  summarizeLost,
} from "./damage/summarize-lost.js";
export { type EditRecord, formatRecord, parseRecord, planUndo, stateOf } from "./edit/edit-record.js";
export type {
  AcquisitionEdit,
  AxisEdit,
  ChannelEdit,
  MetadataEdit,
  WellMove,
} from "./edit/edit-request.js";
export { describeEditable, type EditableMetadata } from "./edit/editable-metadata.js";
export { type EditPlan, type EditRequest, planEdit } from "./edit/plan-edit.js";
export { bytesOfEdit, type ChangedValue, changedValues, runEdit } from "./edit/run-edit.js";
export { planAppendAlong } from "./merge/append-along.js";
export { type AppendPlan, planAppend, runAppend } from "./merge/append-images.js";
export { mergeStores } from "./merge/merge-stores.js";
export type { StoreToMerge } from "./merge/place-images.js";
export { parseLayout, positionInName, type WellPosition } from "./merge/well-positions.js";
export { checkOutput } from "./plan/check-output.js";
export type { Rewritten } from "./plan/plan-findings.js";
export {
  type PlanOptions,
  planTransfer,
  runTransfer,
  type TargetNeeds,
  type TransferPlan,
} from "./plan/plan-transfer.js";
export { needsOfVersion, planVersion, type WritableVersion } from "./plan/plan-version.js";
export { PYRAMID_METHODS, type PyramidMethod } from "./pyramid/plan-pyramids.js";
export { type ProjectRequest, parseProjection } from "./recut/project-pixels.js";
export { parseWindow, type RescaledType, type ValueWindow } from "./recut/rescale-pixels.js";
export { type ChannelName, formatSpan, type Span, type TransferSelection } from "./select/fit-ranges.js";
export { type SelectOptions, selectView } from "./select/select-view.js";
export { verifyBytes } from "./verify/verify-bytes.js";
export { type Difference, verifyStores } from "./verify/verify-stores.js";
