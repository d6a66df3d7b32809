/**
 * What threads that decode chunks load to decode tiles of CZIs.
 *
 * @module
 */

export { decodeRegion } from "../decode/decode-region.js";
