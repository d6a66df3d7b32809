// The parts of the libraries that are used here; they have no types of their own.

declare module "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs" {
  export interface JPEGDecoder {
    /** Memory of the library for so many bytes. */
    getEncodedBuffer(length: number): Uint8Array;
    /** Throws a number. */
    decode(): void;
    getDecodedBuffer(): Uint8Array;
    getFrameInfo(): FrameInfo;
    delete(): void;
  }
  export interface FrameInfo {
    readonly width: number;
    readonly height: number;
    readonly componentCount: number;
  }
  export interface LibjpegTurbo {
    readonly HEAPU8: Uint8Array;
    readonly JPEGDecoder: new () => JPEGDecoder;
  }
  const create: (options: object) => Promise<LibjpegTurbo>;
  // biome-ignore lint/style/noDefaultExport: it is what the package has
  export default create;
}

declare module "@cornerstonejs/codec-openjpeg/decodewasmjs" {
  export interface J2KDecoder {
    getEncodedBuffer(length: number): Uint8Array;
    /** Throws a number, or says what is wrong through `print`, and leaves nothing behind. */
    decode(): void;
    getDecodedBuffer(): ArrayLike<number> & ArrayBufferView;
    getFrameInfo(): FrameInfo;
    delete(): void;
  }
  export interface FrameInfo {
    readonly width: number;
    readonly height: number;
    readonly bitsPerSample: number;
    readonly componentCount: number;
    readonly isSigned: boolean;
  }
  export interface OpenJpeg {
    readonly HEAPU8: Uint8Array;
    readonly J2KDecoder: new () => J2KDecoder;
  }
  const create: (options: object) => Promise<OpenJpeg>;
  // biome-ignore lint/style/noDefaultExport: it is what the package has
  export default create;
}

declare module "@jsquash/webp/codec/dec/webp_dec.js" {
  export interface WebPDecoder {
    readonly HEAPU8: Uint8Array;
    /** RGBA; null where the data do not decode. */
    decode(
      bytes: Uint8Array,
    ): { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray } | null;
  }
  const create: (options: object) => Promise<WebPDecoder>;
  // biome-ignore lint/style/noDefaultExport: it is what the package has
  export default create;
}
