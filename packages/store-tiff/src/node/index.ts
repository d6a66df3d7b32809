/**
 * `tiffFormat` for Node: tiles and strips are decoded in threads.
 *
 * @module
 */

export { tiffFormat } from "./threaded-format.js";
