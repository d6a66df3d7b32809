/**
 * Reads and writes zip archives as stores of keys and values: `openZipStore` for any zip, and `ozxFormat` for
 * RFC-9 `.ozx`. Nothing here needs Node.
 *
 * @module
 */

export { crc32 } from "./crc32/crc32.js";
export {
  type CentralDirectory,
  type DirectoryEntry,
  entryAt,
  findEntry,
} from "./directory/central-directory.js";
export { type OpenOzxOptions, openOzx, ozxFormat } from "./format/ozx-format.js";
export { type OpenArchiveOptions, openArchive, type ZipArchive } from "./read/archive.js";
export type { ArchiveEnd } from "./read/archive-end.js";
export {
  type ArchiveStore,
  isZipStore,
  openZipStore,
  type ZipStore,
  type ZipStoreOptions,
  type ZipStoreParts,
  zipStore,
} from "./read/zip-store.js";
export { type AppendOptions, appendToArchive } from "./repair/append-to-archive.js";
export type { TailFile } from "./repair/move-directory.js";
export {
  type PlanRepairOptions,
  planRepair,
  type RepairPlan,
  type RepairStep,
} from "./repair/plan-repair.js";
export { type RepairedTail, repairTail } from "./repair/repair-tail.js";
export { type ArchiveComment, formatComment, parseComment } from "./rfc9/archive-comment.js";
export {
  type ArchiveDescription,
  describeArchive,
  type SummaryRow,
  summarizeArchive,
} from "./rfc9/describe-archive.js";
export type { DirectoryOrder } from "./rfc9/document-order.js";
export { rfc9Order } from "./rfc9/document-order.js";
export type { ArchiveRule } from "./rules/archive-rule.js";
export { ARCHIVE_RULES } from "./rules/archive-rules.js";
export { checkArchive } from "./rules/check-archive.js";
export type { CheckArchiveOptions, CheckProgress } from "./rules/scan-archive.js";
export { type LayoutEntry, layOut, type ZipLayout } from "./write/layout.js";
export { writeArchive } from "./write/write-archive.js";
