import { DamagedSegmentError } from "../segment-fault.js";
import type { SegmentLayout } from "../segment-layout.js";
import { checkPicture, type Picture, requireBytes, unsupportedPicture } from "./picture.js";
import { type WasmLibrary, wasmLibrary } from "./wasm-library.js";

const NAME = "WebP";

/** The parts of libwebp, as Squoosh and jSquash have compiled it, that are used here. */
interface Libwebp {
  readonly HEAPU8: Uint8Array;
  /** RGBA; null where the data do not decode. */
  decode(bytes: Uint8Array): ImageData | null;
}

const library: WasmLibrary<Libwebp> = wasmLibrary({
  name: NAME,
  load: () => import("./generated/libwebp.generated.js"),
  start: ({ create }, instantiateWasm): Promise<Libwebp> =>
    withImageData(() => create({ noInitialRun: true, instantiateWasm })),
  memoryOf: ({ HEAPU8 }) => HEAPU8.length,
});

/**
 * Decodes WebP (RFC 9649) to RGB or RGBA. Pictures without an alpha channel are opaque.
 *
 * @throws DamagedSegmentError, UnsupportedSegmentError
 */
export async function decodeWebP(bytes: Uint8Array, layout: SegmentLayout): Promise<Picture> {
  requireBytes(NAME, layout);
  const { samplesPerPixel: samples } = layout;
  if (samples !== 3 && samples !== 4) throw unsupportedPicture(NAME, `${samples} samples per pixel`);
  const { width, height } = readWebPHeader(bytes);
  checkPicture(NAME, { width, height, samples }, layout);
  return library.use((decoder) => {
    const decoded = withImageData(() => decoder.decode(bytes));
    if (decoded === null || decoded.width !== width || decoded.height !== height) {
      throw new DamagedSegmentError(NAME, "does not decode");
    }
    const { buffer, byteOffset, byteLength } = decoded.data;
    const rgba = new Uint8Array(buffer, byteOffset, byteLength);
    return { width, height, samples, data: samples === 4 ? new Uint8Array(rgba) : withoutAlpha(rgba) };
  });
}

/** What Node lacks, and the library returns its pixels in. */
class Pixels {
  constructor(
    readonly data: Uint8ClampedArray,
    readonly width: number,
    readonly height: number,
  ) {}
}

/** Runs a function with a global `ImageData`, which is there no longer than that: others take it for a sign of a browser. */
function withImageData<Result>(run: () => Result): Result {
  if ("ImageData" in globalThis) return run();
  Object.assign(globalThis, { ImageData: Pixels });
  try {
    return run();
  } finally {
    Reflect.deleteProperty(globalThis, "ImageData");
  }
}

function withoutAlpha(rgba: Uint8Array): Uint8Array {
  const out = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; to < out.length; from += 4, to += 3) {
    out[to] = rgba[from] as number;
    out[to + 1] = rgba[from + 1] as number;
    out[to + 2] = rgba[from + 2] as number;
  }
  return out;
}

/** The bytes of the headers of the file and its first chunk (RFC 9649, section 2). */
const FILE_HEADER = 12;
const CHUNK_HEADER = 8;
/** A flag of an extended file. */
const ANIMATION = 0x02;

/**
 * The size of a picture, as the file says first.
 *
 * @throws DamagedSegmentError; UnsupportedSegmentError for animations
 */
export function readWebPHeader(bytes: Uint8Array): { readonly width: number; readonly height: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const name = (at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.length < 30) throw new DamagedSegmentError(NAME, "is truncated");
  if (name(0) !== "RIFF" || name(8) !== "WEBP")
    throw new DamagedSegmentError(NAME, "does not start as it must");
  if (view.getUint32(4, true) + 8 > bytes.length) throw new DamagedSegmentError(NAME, "is truncated");
  const at = FILE_HEADER + CHUNK_HEADER;
  switch (name(FILE_HEADER)) {
    case "VP8 ":
      // A tag of 3 bytes and a start code of 3, then twice 14 bits of size and 2 of scale (RFC 6386, 9.1).
      return { width: view.getUint16(at + 6, true) & 0x3fff, height: view.getUint16(at + 8, true) & 0x3fff };
    case "VP8L": {
      const size = view.getUint32(at + 1, true);
      return { width: (size & 0x3fff) + 1, height: ((size >>> 14) & 0x3fff) + 1 };
    }
    case "VP8X":
      if (((bytes[at] as number) & ANIMATION) !== 0) throw unsupportedPicture(NAME, "animation");
      return {
        width: (view.getUint32(at + 4, true) & 0xffffff) + 1,
        height: (view.getUint32(at + 6, true) >>> 8) + 1,
      };
    default:
      throw new DamagedSegmentError(NAME, "has no picture");
  }
}
