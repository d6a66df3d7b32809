import { DamagedSegmentError, UnsupportedSegmentError } from "../segment-fault.js";
import { readJpegXrHeader } from "./jpeg-xr-header.js";
import type { Picture } from "./picture.js";
import { type InstantiateWasm, type WasmLibrary, wasmLibrary } from "./wasm-library.js";

const NAME = "JPEG XR";

/** The parts of jxrlib, as the package jpegxr has compiled it, that are used here. */
interface Jxrlib {
  decode(bytes: Uint8Array): JxrImage;
  /** Of the library's memory. */
  readonly memory: Memory;
}

/** What the library is started with, and becomes the library's module. */
interface Memory {
  readonly HEAPU8?: Uint8Array;
  readonly instantiateWasm: InstantiateWasm;
  print(): void;
  printErr(): void;
}

interface JxrImage {
  readonly width: number;
  readonly height: number;
  readonly pixelInfo: {
    readonly channels: number;
    /** As in `16` or `32Float`. */
    readonly bitDepth: string;
    readonly bitsPerPixel: number;
    /** Whether blue comes first. */
    readonly bgr: boolean;
  };
  readonly bytes: Uint8Array;
}

const library: WasmLibrary<Jxrlib> = wasmLibrary({
  name: NAME,
  load: () => import("./generated/jpegxr.generated.js"),
  async start({ create }, instantiateWasm): Promise<Jxrlib> {
    const memory: Memory = { instantiateWasm, print: ignore, printErr: ignore };
    const { decode }: Jxrlib = await create(memory);
    return { decode, memory };
  },
  memoryOf: ({ memory }) => memory.HEAPU8?.length ?? 0,
});

function ignore(): void {}

/** A picture whose samples may have more than a byte. */
export interface JpegXrPicture extends Picture {
  /** Bytes of a sample. */
  readonly sampleBytes: number;
  readonly isFloat: boolean;
  /** Whether the samples of a pixel are blue, green and red. */
  readonly isBgr: boolean;
}

/**
 * Decodes a JPEG XR file (ITU-T T.832, annex A), whose size need not be that of the pixels that it is for.
 *
 * @param mostPixels of the picture; a larger one is not decoded
 * @throws DamagedSegmentError, UnsupportedSegmentError
 */
export async function decodeJpegXr(bytes: Uint8Array, mostPixels: number): Promise<JpegXrPicture> {
  const { width, height } = readJpegXrHeader(bytes);
  if (width * height > mostPixels) {
    throw new DamagedSegmentError(
      NAME,
      `holds ${width} × ${height} pixels, more than the ${mostPixels} it is for`,
    );
  }
  return library.use(({ decode }) => {
    const decoded = decode(bytes);
    const { channels, bitDepth, bitsPerPixel, bgr } = decoded.pixelInfo;
    const sampleBytes = bitsPerPixel / 8 / channels;
    if (decoded.width !== width || decoded.height !== height) {
      throw new DamagedSegmentError(NAME, `decodes to ${decoded.width} × ${decoded.height} pixels`);
    }
    if (![1, 2, 4].includes(sampleBytes) || !/^(?:8|16|32Float|32)$/.test(bitDepth)) {
      const feature = `${channels} samples of ${bitDepth} bits in ${bitsPerPixel} bits`;
      throw new UnsupportedSegmentError(
        `${NAME} with ${feature}`,
        `is ${NAME} with ${feature}, which is not supported`,
      );
    }
    if (decoded.bytes.length !== width * height * channels * sampleBytes) {
      throw new DamagedSegmentError(NAME, `decodes to ${decoded.bytes.length} bytes`);
    }
    return {
      width,
      height,
      samples: channels,
      sampleBytes,
      isFloat: bitDepth.endsWith("Float"),
      isBgr: bgr,
      data: decoded.bytes,
    };
  });
}
