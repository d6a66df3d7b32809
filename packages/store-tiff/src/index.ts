/**
 * Opens TIFFs (OME-TIFF, ImageJ, Micro-Manager, slides, plain ones) as OME-Zarr. `openTiff` opens one; `tiffFormat` is
 * what functions of `@ozx/core` and `@ozx/convert` take as a format. Nothing here needs Node.
 *
 * @module
 */

export { type OpenTiffOptions, openTiff, tiffFormat } from "./format/tiff-format.js";
export type { TiffStore } from "./store/tiff-store.js";
