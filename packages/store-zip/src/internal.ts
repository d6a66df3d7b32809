/**
 * For ozx's own packages: no promise between versions. Use `@ozx/store-zip` instead.
 *
 * @module
 */

export { crc32 } from "./crc32/crc32.js";
export { zipStore } from "./read/zip-store.js";
export { type Remedy, remedyFor } from "./repair/remedies.js";
export { type SummaryRow, summarizeArchive } from "./rfc9/describe-archive.js";
