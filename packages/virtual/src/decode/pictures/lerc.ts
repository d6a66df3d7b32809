import { loadCodecs } from "@ozx/core/codecs";
import { IS_LITTLE_ENDIAN, swapBytes } from "@ozx/core/container";
import { DamagedSegmentError } from "../segment-fault.js";
import type { SegmentLayout } from "../segment-layout.js";
import { decodeAtMost } from "../stored-bytes.js";
import { isLerc, readLercHeader } from "./lerc-header.js";
import { checkPicture, type Picture, unsupportedPicture } from "./picture.js";
import { type WasmLibrary, wasmLibrary } from "./wasm-library.js";

const NAME = "LERC";

/** The parts of Esri's decoder that are used here. */
interface LercDecoder {
  readonly memory: WebAssembly.Memory;
  decode(blob: Uint8Array, options: { readonly returnInterleaved: true }): LercData;
}

interface LercData {
  readonly width: number;
  readonly height: number;
  /** Of each band the values of a pixel side by side. */
  readonly pixels: readonly (
    | Uint8Array
    | Int16Array
    | Uint16Array
    | Int32Array
    | Uint32Array
    | Float32Array
    | Float64Array
  )[];
  /** 0 where a pixel is invalid in any band; null where all are valid. */
  readonly mask: Uint8Array | null;
  readonly bandMasks: readonly Uint8Array[] | null;
}

const library: WasmLibrary<LercDecoder> = wasmLibrary({
  name: NAME,
  load: () => import("./generated/lerc.generated.js"),
  start: async ({ create, initLercLib, decode }, instantiateWasm): Promise<LercDecoder> => {
    const instance = (await create({ instantiateWasm })) as Pick<LercDecoder, "memory">;
    initLercLib(instance);
    return { memory: instance.memory, decode };
  },
  memoryOf: ({ memory }) => memory.buffer.byteLength,
});

/**
 * Decodes LERC, which libtiff may have compressed once more. Pixels that are marked as invalid are NaN in floats, and
 * transparent where a last channel of bytes is missing, as libtiff has them; else 0. In big-endian files libtiff swaps the
 * bytes of samples before it encodes them, although LERC has a byte order of its own, and so integers are swapped again.
 *
 * @throws DamagedSegmentError, UnsupportedSegmentError
 */
export async function decodeLerc(
  bytes: Uint8Array,
  layout: SegmentLayout,
  sampleBytes: number,
): Promise<Picture> {
  if (!layout.littleEndian && layout.sampleFormat === "float") {
    // Those whose swapped bytes are NaN were lost when libtiff encoded them: it reads other values than were written.
    throw unsupportedPicture(NAME, "floating-point samples in a big-endian file");
  }
  const blob = await inflated(bytes, layout, sampleBytes);
  const { width, height, depth } = readLercHeader(blob);
  const bands = countBands(blob, layout);
  const { samplesPerPixel: samples } = layout;
  const values = depth * bands;
  const hasAlphaMask = layout.bitsPerSample === 8 && values === samples - 1;
  checkPicture(NAME, { width, height, samples: hasAlphaMask ? samples : values }, layout);
  const { pixels, mask, bandMasks } = await library.use((lerc) =>
    decode(lerc, blob, { width, height, bands }),
  );
  const out = new Uint8Array(width * height * samples * sampleBytes);
  for (const [band, data] of pixels.entries()) {
    if (layout.littleEndian !== IS_LITTLE_ENDIAN) {
      swapBytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), sampleBytes);
    }
    const valid = bandMasks?.[band] ?? mask;
    if (valid !== null && layout.sampleFormat === "float") {
      for (let k = 0; k < data.length; k++) if (valid[Math.floor(k / depth)] === 0) data[k] = Number.NaN;
    }
    const from = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    interleave(from, out, {
      size: depth * sampleBytes,
      stride: samples * sampleBytes,
      at: band * depth * sampleBytes,
    });
  }
  if (hasAlphaMask) {
    for (let k = 0; k < width * height; k++)
      out[k * samples + samples - 1] = mask === null || mask[k] !== 0 ? 255 : 0;
  }
  return { width, height, samples, data: out };
}

function decode(
  lerc: LercDecoder,
  blob: Uint8Array,
  expected: { readonly width: number; readonly height: number; readonly bands: number },
): LercData {
  const decoded = lerc.decode(blob, { returnInterleaved: true });
  const { width, height, bands } = expected;
  if (decoded.width !== width || decoded.height !== height || decoded.pixels.length !== bands) {
    throw new DamagedSegmentError(NAME, "does not decode to what it says");
  }
  return decoded;
}

/** Puts pieces of `size` bytes, one for each pixel, where they are in pixels of `stride` bytes. */
function interleave(
  from: Uint8Array,
  to: Uint8Array,
  { size, stride, at }: { readonly size: number; readonly stride: number; readonly at: number },
): void {
  if (size === stride) {
    to.set(from);
    return;
  }
  for (let read = 0, write = at; read < from.length; read += size, write += stride) {
    for (let k = 0; k < size; k++) to[write + k] = from[read + k] as number;
  }
}

/** The blobs of a segment, one for each band, all of which have the type of the layout. */
function countBands(bytes: Uint8Array, layout: SegmentLayout): number {
  let at = 0;
  let bands = 0;
  const first = readLercHeader(bytes);
  while (at < bytes.length && isLerc(bytes.subarray(at))) {
    const { length, width, height, depth, sampleFormat, bitsPerSample } = readLercHeader(bytes.subarray(at));
    if (sampleFormat !== layout.sampleFormat || bitsPerSample !== layout.bitsPerSample) {
      const needed = `${layout.sampleFormat} samples of ${layout.bitsPerSample} bits`;
      throw new DamagedSegmentError(
        NAME,
        `holds ${sampleFormat} samples of ${bitsPerSample} bits and not ${needed}`,
      );
    }
    if (width !== first.width || height !== first.height || depth !== first.depth) {
      throw new DamagedSegmentError(NAME, "has bands of different sizes");
    }
    at += length;
    bands++;
  }
  return bands;
}

/** The first bytes of Zstandard's frames. */
const ZSTANDARD = [0x28, 0xb5, 0x2f, 0xfd];
/** The low half of zlib's first byte. */
const ZLIB = 8;

/**
 * Undoes what libtiff compresses LERC with (LercParameters: Deflate or Zstandard), which the bytes tell as well. A blob is
 * hardly larger than its pixels.
 */
async function inflated(bytes: Uint8Array, layout: SegmentLayout, sampleBytes: number): Promise<Uint8Array> {
  if (isLerc(bytes)) return bytes;
  const { width, height, samplesPerPixel } = layout;
  const pixels = width * Math.max(height, layout.mostRows ?? height) * samplesPerPixel * sampleBytes;
  const most = Math.ceil(pixels * 1.125) + 65_536;
  const codecs = await loadCodecs();
  if (ZSTANDARD.every((byte, k) => bytes[k] === byte))
    return decodeAtMost(`${NAME} in Zstandard`, codecs.zstd, bytes, most);
  if (((bytes[0] ?? 0) & 0x0f) === ZLIB) return decodeAtMost(`${NAME} in Deflate`, codecs.zlib, bytes, most);
  throw new DamagedSegmentError(NAME, "does not start as it must");
}
