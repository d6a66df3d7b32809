import { DamagedSegmentError } from "../segment-fault.js";
import type { SegmentLayout } from "../segment-layout.js";
import { isJfifTables, joinJpeg, readJpegHeader } from "./jpeg-stream.js";
import { checkPicture, type Picture, requireBytes, unsupportedPicture } from "./picture.js";
import { joinRestartTile } from "./restart-tile.js";
import { type WasmLibrary, wasmLibrary } from "./wasm-library.js";

const NAME = "JPEG";

/** The parts of libjpeg-turbo, as cornerstone3D has compiled it, that are used here. */
interface LibjpegTurbo {
  readonly HEAPU8: Uint8Array;
  readonly JPEGDecoder: new () => JpegDecoder;
}

interface JpegDecoder {
  /** Memory of the library for so many bytes. */
  getEncodedBuffer(length: number): Uint8Array;
  /** Throws a number, also for what libjpeg-turbo only warns about: data that are cut short or contradict themselves. */
  decode(): void;
  getDecodedBuffer(): Uint8Array;
  getFrameInfo(): { readonly width: number; readonly height: number; readonly componentCount: number };
  delete(): void;
}

const library: WasmLibrary<LibjpegTurbo> = wasmLibrary({
  name: NAME,
  load: () => import("./generated/libjpeg-turbo.generated.js"),
  start: ({ create }, instantiateWasm): Promise<LibjpegTurbo> =>
    create({ instantiateWasm, print: ignore, printErr: ignore }),
  memoryOf: ({ HEAPU8 }) => HEAPU8.length,
});

function ignore(): void {}

/** PhotometricInterpretation. */
const RGB = 2;
const YCBCR = 6;

/** Frames of libjpeg-turbo: baseline, extended and progressive, with Huffman codes. */
const SEQUENTIAL_OR_PROGRESSIVE = [0xc0, 0xc1, 0xc2];
const ARITHMETIC = [0xc9, 0xca];

/**
 * Decodes JPEG (TIFF Technical Note 2) to gray or RGB.
 *
 * What its three components are follows tifffile: as the stream's markers say where the file says YCbCr (and YCbCr where
 * they say nothing), and where the file says RGB, but the stream that it is JFIF. Else they are kept as they are, whatever
 * Adobe's marker says: Aperio's RGB has no markers at all.
 *
 * @throws DamagedSegmentError, UnsupportedSegmentError
 */
export async function decodeJpeg(stored: Uint8Array, layout: SegmentLayout): Promise<Picture> {
  const { jpegHeader } = layout;
  const bytes = jpegHeader === undefined ? stored : joinRestartTile(jpegHeader, stored);
  const header = readJpegHeader(bytes);
  const { frame, precision, width, height, components } = header;
  if (!SEQUENTIAL_OR_PROGRESSIVE.includes(frame)) {
    const kind = ARITHMETIC.includes(frame)
      ? "arithmetic coding"
      : frame === 0xc3
        ? "lossless coding"
        : "hierarchical coding";
    throw unsupportedPicture(NAME, kind);
  }
  if (precision !== 8) throw unsupportedPicture(NAME, `samples of ${precision} bits`);
  requireBytes(NAME, layout);
  if (components !== 1 && components !== 3) throw unsupportedPicture(NAME, `${components} components`);
  const { photometric, jpegTables: tables } = layout;
  if (photometric === YCBCR && layout.samplesPerPixel === 1)
    throw unsupportedPicture(NAME, "planes of YCbCr");
  checkPicture(NAME, { width, height, samples: components }, layout);
  const isJfif = header.isJfif || isJfifTables(tables);
  const raw = components === 3 && photometric !== YCBCR && !(photometric === RGB && isJfif);
  const stream = joinJpeg(bytes, header, { tables, raw });
  return library.use(({ JPEGDecoder }) => {
    const decoder = new JPEGDecoder();
    try {
      return run(decoder, stream, { width, height, samples: components });
    } finally {
      decoder.delete();
    }
  });
}

function run(decoder: JpegDecoder, stream: Uint8Array, expected: Omit<Picture, "data">): Picture {
  decoder.getEncodedBuffer(stream.length).set(stream);
  decoder.decode();
  const { width, height, componentCount } = decoder.getFrameInfo();
  const data = decoder.getDecodedBuffer();
  const { samples } = expected;
  if (width !== expected.width || height !== expected.height || componentCount !== samples) {
    throw new DamagedSegmentError(NAME, `decodes to ${width} × ${height} × ${componentCount} samples`);
  }
  return { width, height, samples, data: new Uint8Array(data) };
}
