/**
 * `nd2Format` for Node: frames are decoded in threads.
 *
 * @module
 */

export { nd2Format } from "./threaded-format.js";
