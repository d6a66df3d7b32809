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
export { type AppendOptions, appendToArchive } from "./fix/append.js";
export { type FixedTail, fixTail } from "./fix/fix-tail.js";
export type { TailFile } from "./fix/move-tail.js";
export { type FixPlan, type FixStep, type PlanFixOptions, planFix } from "./fix/plan-fix.js";
export { rewriteArchive } from "./fix/rewrite-archive.js";
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
export { type ArchiveFact, archiveFacts } from "./rfc9/archive-facts.js";
export { type ArchiveComment, formatComment, parseComment } from "./rfc9/comment.js";
export { type ArchiveDescription, describeArchive } from "./rfc9/describe.js";
export type { DirectoryOrder } from "./rfc9/directory-order.js";
export { rfc9Order } from "./rfc9/entry-order.js";
export { type OpenOzxOptions, openOzx, ozxFormat } from "./rfc9/ozx-format.js";
export { ARCHIVE_RULES } from "./rules/all-rules.js";
export { checkArchive } from "./rules/check-archive.js";
export type { CheckArchiveOptions, CheckProgress } from "./rules/facts.js";
export type { ArchiveRule } from "./rules/rule.js";
export { type LayoutEntry, layOut, type ZipLayout } from "./write/layout.js";
export { writeArchive } from "./write/write-archive.js";
