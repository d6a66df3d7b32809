import { DamagedSegmentError } from "../segment-fault.js";
import type { SegmentLayout } from "../segment-layout.js";
import { type Jpeg2000Header, readJpeg2000Header } from "./jpeg2000-header.js";
import { checkPicture, type Picture, unsupportedPicture } from "./picture.js";
import { type WasmLibrary, wasmLibrary } from "./wasm-library.js";

const NAME = "JPEG 2000";

/** What OpenJPEG has printed of the last codestream; it has no other way to say what is wrong. */
let messages: string[] = [];

/** The parts of OpenJPEG, as cornerstone3D has compiled it, that are used here. */
interface OpenJpeg {
  readonly HEAPU8: Uint8Array;
  readonly J2KDecoder: new () => J2kDecoder;
}

interface J2kDecoder {
  getEncodedBuffer(length: number): Uint8Array;
  /** Throws a number, or says what is wrong through `print`, and leaves nothing behind. */
  decode(): void;
  getDecodedBuffer(): Uint8ClampedArray;
  getFrameInfo(): { readonly width: number; readonly height: number; readonly componentCount: number };
  delete(): void;
}

const library: WasmLibrary<OpenJpeg> = wasmLibrary({
  name: NAME,
  load: () => import("./generated/openjpeg.generated.js"),
  start: ({ create }, instantiateWasm): Promise<OpenJpeg> =>
    create({ instantiateWasm, print: keep, printErr: keep }),
  memoryOf: ({ HEAPU8 }) => HEAPU8.length,
});

function keep(message: string): void {
  if (messages.length < 100) messages.push(message);
}

/** Compression: Aperio's YCbCr. */
const APERIO_YCBCR = 33003;
/** PhotometricInterpretation. */
const YCBCR = 6;
/** Enumerated colour spaces of JP2. */
const SYCC = 18;

/**
 * Decodes JPEG 2000 (ITU-T T.800), as a codestream or a JP2 file.
 *
 * @throws DamagedSegmentError, UnsupportedSegmentError
 */
export async function decodeJpeg2000(
  bytes: Uint8Array,
  layout: SegmentLayout,
  sampleBytes: number,
): Promise<Picture> {
  const header = readJpeg2000Header(bytes);
  const { width, height, components: samples, precision, isSigned } = header;
  // What the library's wrapper does not fill, clips, or mixes up.
  if (precision > 16 || (isSigned && (precision <= 8 || samples > 1))) {
    throw unsupportedPicture(NAME, `${isSigned ? "signed" : "unsigned"} samples of ${precision} bits`);
  }
  if (samples !== 1 && samples !== 3) throw unsupportedPicture(NAME, `${samples} components`);
  if ((header.isSubsampled || header.colorSpace === SYCC) && precision > 8) {
    throw unsupportedPicture(NAME, `YCbCr of ${precision} bits`);
  }
  checkPicture(NAME, { width, height, samples }, layout);
  const type = isSigned ? "int" : "uint";
  if (layout.sampleFormat !== type || (precision <= 8 ? 1 : 2) !== sampleBytes) {
    const needed = `${layout.sampleFormat} samples of ${layout.bitsPerSample} bits`;
    throw new DamagedSegmentError(NAME, `holds ${type} samples of ${precision} bits and not ${needed}`);
  }
  const picture = await library.use(({ J2KDecoder }) => {
    messages = [];
    const decoder = new J2KDecoder();
    try {
      return run(decoder, bytes, header, sampleBytes);
    } finally {
      decoder.delete();
    }
  });
  if (isStoredAsYcbcr(header, layout)) toRgb(picture.data);
  return picture;
}

function run(decoder: J2kDecoder, bytes: Uint8Array, header: Jpeg2000Header, sampleBytes: number): Picture {
  const { width, height, components: samples } = header;
  decoder.getEncodedBuffer(bytes.length).set(bytes);
  decoder.decode();
  const fault = messages.find((message) => message.startsWith("[ERROR]") || isDamage(message));
  if (fault !== undefined) {
    throw new DamagedSegmentError(NAME, `does not decode: ${fault.replace(/^\[\w+\]\s*/, "").trim()}`);
  }
  const found = decoder.getFrameInfo();
  const decoded = decoder.getDecodedBuffer();
  const length = width * height * samples * sampleBytes;
  const isWhole =
    found.width === width &&
    found.height === height &&
    found.componentCount === samples &&
    decoded.byteLength === length;
  if (!isWhole)
    throw new DamagedSegmentError(NAME, `decodes to ${decoded.byteLength} and not to ${length} bytes`);
  return {
    width,
    height,
    samples,
    data: new Uint8Array(decoded.buffer, decoded.byteOffset, decoded.byteLength),
  };
}

/** Warnings of OpenJPEG are of data that contradict themselves, except for those of boxes around the codestream. */
function isDamage(message: string): boolean {
  return message.startsWith("[WARNING]") && !/\b(box|JP2|colr|cdef|ICC)\b/i.test(message);
}

/**
 * Whether the decoder's samples are YCbCr. Aperio's have no transform in the codestream, whatever the file's
 * PhotometricInterpretation says (openslide.org/formats/aperio); Bio-Formats uses the same compression for RGB, with one.
 * The library itself converts subsampled components, and those of a JP2 file that says sYCC.
 */
function isStoredAsYcbcr(header: Jpeg2000Header, { compression, photometric }: SegmentLayout): boolean {
  const { components, hasTransform, isSubsampled, colorSpace, precision } = header;
  if (components !== 3 || hasTransform || isSubsampled || colorSpace !== undefined) return false;
  if (compression !== APERIO_YCBCR && photometric !== YCBCR) return false;
  if (precision !== 8) throw unsupportedPicture(NAME, `YCbCr of ${precision} bits`);
  return true;
}

/** From YCbCr to RGB in place, as JFIF has it. */
function toRgb(pixels: Uint8Array): void {
  const clamped = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  for (let k = 0; k < clamped.length; k += 3) {
    const y = clamped[k] as number;
    const cb = (clamped[k + 1] as number) - 128;
    const cr = (clamped[k + 2] as number) - 128;
    clamped[k] = y + 1.402 * cr;
    clamped[k + 1] = y - 0.344136 * cb - 0.714136 * cr;
    clamped[k + 2] = y + 1.772 * cb;
  }
}
