/**
 * Reads, checks, repairs and writes RFC-9 `.ozx` archives, and reads plain zips of OME-Zarr. `openOzx` opens one;
 * `ozxFormat` is what functions of `@ozx/core` and `@ozx/convert` take as a format. Nothing here needs Node.
 *
 * @module
 */

export {
  type CentralDirectory,
  type DirectoryEntry,
  entryAt,
  findEntry,
} from "./directory/central-directory.js";
export { type OpenOzxOptions, openOzx } from "./format/open-ozx.js";
export { type OzxFormat, ozxFormat } from "./format/ozx-format.js";
export { ozxReader } from "./format/ozx-reader.js";
export { openSteppedArchive, type SteppedOptions } from "./format/stepped-archive.js";
export type { ZipArchive } from "./read/archive.js";
export type { ArchiveEnd } from "./read/archive-end.js";
export { type ArchiveStore, isZipStore } from "./read/zip-store.js";
export { type AppendOptions, appendToArchive } from "./repair/append-to-archive.js";
export type { TailFile } from "./repair/move-directory.js";
export {
  type PlanRepairOptions,
  planRepair,
  type RepairPlan,
  type RepairStep,
} from "./repair/plan-repair.js";
export { type RepairedTail, repairTail } from "./repair/repair-tail.js";
export type { ArchiveComment } from "./rfc9/archive-comment.js";
export { type ArchiveDescription, describeArchive } from "./rfc9/describe-archive.js";
export type { DirectoryOrder } from "./rfc9/document-order.js";
export { type LostKey, type SalvagedArchive, salvageArchive } from "./salvage/salvage-archive.js";
