/**
 * In place of libraries that luma.gl and Viv import for what the page does not do: shaders of WebGPU, and LZW in TIFFs,
 * which `@ozx/store-tiff` decodes. They would be a tenth of what is loaded before the first picture.
 */

/** Of `wgsl_reflect`. */
export class WgslReflect {
  constructor() {
    throw new TypeError("the page draws with WebGL, and has no shaders of WebGPU");
  }
}

/** Of `lzw-tiff-decoder`. */
export function decompress(): never {
  throw new TypeError("Viv reads no TIFFs in the page");
}
