/**
 * `ozxFormat` for Node: archives are written by several threads.
 *
 * @module
 */

export { ozxFormat } from "./parallel-format.js";
