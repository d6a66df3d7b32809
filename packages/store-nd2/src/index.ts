/**
 * Opens Nikon ND2 files as OME-Zarr. `openNd2` opens one; `nd2Format` is what functions of `@ozx/core` and `@ozx/convert` take
 * as a format. Nothing here needs Node.
 *
 * @module
 */

export { nd2Format, type OpenNd2Options, openNd2 } from "./format/nd2-format.js";
export type { Nd2Store } from "./store/opened-store.js";
