import { type WasmLibrary, wasmLibrary } from "../decode/pictures/wasm-library.js";

/** A picture to encode. */
export interface JpegPixels {
  /** Red, green and blue, row by row; 3 bytes a pixel. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** The parts of libjpeg-turbo, as cornerstone3D has compiled it, that are used here. */
interface LibjpegTurbo {
  readonly HEAPU8: Uint8Array;
  readonly JPEGEncoder: new () => JpegEncoder;
}

interface JpegEncoder {
  /** Memory of the library for the pixels of a picture. */
  getDecodedBuffer(frame: Frame): Uint8Array;
  setQuality(quality: number): void;
  setProgressive(progressive: number): void;
  encode(): void;
  getEncodedBuffer(): ArrayLike<number>;
  delete(): void;
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  readonly componentCount: number;
  readonly isSigned: boolean;
}

const library: WasmLibrary<LibjpegTurbo> = wasmLibrary({
  name: "JPEG",
  load: () => import("./generated/libjpeg-turbo-encoder.generated.js"),
  start: ({ create }, instantiateWasm): Promise<LibjpegTurbo> =>
    create({ instantiateWasm, print: ignore, printErr: ignore }),
  memoryOf: ({ HEAPU8 }) => HEAPU8.length,
});

function ignore(): void {}

/**
 * Encodes a picture as baseline JPEG in a JFIF file (ITU-T T.81 and T.871).
 *
 * @param quality from 1 to 100, as libjpeg counts
 * @throws RangeError where there are not three bytes for each pixel
 */
export function encodeJpeg({ data, width, height }: JpegPixels, quality = 90): Promise<Uint8Array> {
  if (data.length !== 3 * width * height || data.length === 0) {
    throw new RangeError(`${data.length} bytes are not the colours of ${width} × ${height} pixels`);
  }
  return library.use(({ JPEGEncoder }) => {
    const encoder = new JPEGEncoder();
    try {
      encoder
        .getDecodedBuffer({ width, height, bitsPerSample: 8, componentCount: 3, isSigned: false })
        .set(data);
      encoder.setQuality(quality);
      encoder.setProgressive(0);
      encoder.encode();
      return new Uint8Array(encoder.getEncodedBuffer());
    } finally {
      encoder.delete();
    }
  });
}
