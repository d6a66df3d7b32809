/**
 * For the other packages of this repository only: `cziFormat` for workers that a bundler has made. Without a promise: it
 * changes without notice.
 *
 * @module
 */

export { decodeRegion } from "./decode/decode-region.js";
export { cziFormatWith } from "./format/czi-format.js";
export { decodeByWorkers } from "./format/decode-by-workers.js";
