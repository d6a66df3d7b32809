/**
 * What threads that decode chunks load to decode frames of ND2 files.
 *
 * @module
 */

export { decodeFrame } from "../decode/decode-frame.js";
