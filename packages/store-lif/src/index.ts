/**
 * Opens Leica LIF and LOF files as OME-Zarr. `openLif` opens one; `lifFormat` is what functions of `@ozx/core` and
 * `@ozx/convert` take as a format. Nothing here needs Node.
 *
 * @module
 */

export { lifFormat, type OpenLifOptions, openLif } from "./format/lif-format.js";
export type { LifStore } from "./store/lif-store.js";
