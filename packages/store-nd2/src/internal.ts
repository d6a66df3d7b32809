/**
 * For the other packages of this repository only: `nd2Format` for workers that a bundler has made. Without a promise: it
 * changes without notice.
 *
 * @module
 */

export { decodeFrame } from "./decode/decode-frame.js";
export { decodeFramesByWorkers } from "./format/decode-by-workers.js";
export { nd2FormatWith } from "./format/nd2-format.js";
