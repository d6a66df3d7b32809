/**
 * What Node adds to `@ozx/store-zip`: archives written by several threads, and read by those of `@ozx/core`.
 *
 * @module
 */

export { ozxFormat } from "./parallel-format.js";
