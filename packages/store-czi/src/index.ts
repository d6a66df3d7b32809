/**
 * Opens Zeiss CZI as OME-Zarr. `openCzi` opens one; `cziFormat` is what functions of `@ozx/core` and `@ozx/convert` take as
 * a format. Nothing here needs Node.
 *
 * @module
 */

export { cziFormat, type OpenCziOptions, openCzi } from "./format/czi-format.js";
export type { CziStore } from "./store/czi-store.js";
