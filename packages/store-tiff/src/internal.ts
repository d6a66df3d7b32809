/**
 * For the other packages of this repository only: `tiffFormat` for workers that a bundler has made. Without a promise:
 * it changes without notice.
 *
 * @module
 */

export { decodeRegion } from "./decode/decode-region.js";
export { decodeByWorkers } from "./format/decode-by-workers.js";
export { tiffFormatWith } from "./format/tiff-format.js";
export type { AxisRanges } from "./write/plane-axes.js";
export { HEADER_SPACE as TIFF_HEADER } from "./write/tiff-writer.js";
export { type WriteTiffOptions, type WrittenTiff, writeOmeTiff } from "./write/write-ome-tiff.js";
