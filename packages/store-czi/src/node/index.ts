/**
 * `cziFormat` for Node: tiles are decoded in threads.
 *
 * @module
 */

export { cziFormat } from "./threaded-format.js";
