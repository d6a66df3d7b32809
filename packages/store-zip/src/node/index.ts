/**
 * What Node adds to `@ozx/store-zip`: archives written by several threads.
 *
 * @module
 */

export { ozxFormat } from "./ozx-format.js";
