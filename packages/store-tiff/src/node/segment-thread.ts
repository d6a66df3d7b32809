/**
 * What threads that decode chunks load to decode tiles and strips of TIFFs.
 *
 * @module
 */

export { decodeRegion } from "../decode/decode-region.js";
