/** The bytes that {@link parseTiffStart} needs. */
export const TIFF_START = 8;
/** Strips of a picture, at most. */
const MOST_STRIPS = 1_048_576;
const ENTRY = 12;

/** How a page of a TIFF has its pixels. */
export interface TiffPage {
  readonly width: number;
  readonly height: number;
  /** Samples of a pixel, side by side: 1, or 3 for red, green and blue. */
  readonly samples: number;
  /** The value of Compression: 1 none, 5 LZW, 8 and 32946 Deflate. */
  readonly compression: number;
  /** The value of Predictor: 1 none, 2 horizontal differences. */
  readonly predictor: number;
  readonly rowsPerStrip: number;
  /** Where the bits of each sample, the strips' offsets and their bytes are, and what they are. */
  readonly bits: TiffNumbers;
  readonly offsets: TiffNumbers;
  readonly sizes: TiffNumbers;
  /** Where the directory of the next page is; 0 behind the last one. */
  readonly next: number;
}

/** An array of whole numbers in a TIFF. */
export interface TiffNumbers {
  readonly at: number;
  readonly count: number;
  /** Bytes of a number: 2 or 4. */
  readonly itemSize: number;
}

/** The start of a TIFF in little-endian: where its first directory is; undefined where bytes are none. */
export function parseTiffStart(bytes: Uint8Array): number | undefined {
  const view = viewOf(bytes);
  const isTiff = bytes.length >= TIFF_START && view.getUint32(0, true) === 0x002a4949;
  return isTiff ? view.getUint32(4, true) : undefined;
}

/** Bytes of a directory with so many entries: a u16 with their number, the entries, and where the next one is. */
export function directoryBytes(entries: number): number {
  return 2 + entries * ENTRY + 4;
}

/**
 * How a page in strips has its pixels (TIFF 6.0, section 8).
 *
 * @param bytes its directory, {@link directoryBytes} of it
 * @param at where it is in the file
 * @returns why it cannot be read, as the end of a sentence about the file
 */
export function parseTiffPage(bytes: Uint8Array, at: number): TiffPage | string {
  const view = viewOf(bytes);
  const entries = bytes.length < 2 ? 0 : view.getUint16(0, true);
  if (bytes.length < directoryBytes(entries)) return "which is damaged";
  const numbers = new Map<number, TiffNumbers>();
  const first = new Map<number, number>();
  for (let k = 0; k < entries; k++) {
    const entry = 2 + k * ENTRY;
    const itemSize = { 3: 2, 4: 4 }[view.getUint16(entry + 2, true)];
    if (itemSize === undefined) continue;
    const tag = view.getUint16(entry, true);
    const count = view.getUint32(entry + 4, true);
    const isHere = count * itemSize <= 4;
    numbers.set(tag, { at: isHere ? at + entry + 8 : view.getUint32(entry + 8, true), count, itemSize });
    if (isHere)
      first.set(tag, itemSize === 2 ? view.getUint16(entry + 8, true) : view.getUint32(entry + 8, true));
  }
  const numberOf = (tag: number, otherwise: number): number => first.get(tag) ?? otherwise;
  const [compression, samples] = [numberOf(TAG.compression, 1), numberOf(TAG.samplesPerPixel, 1)];
  const predictor = numberOf(TAG.predictor, 1);
  if (!READ.has(compression) || predictor > 2) return "which is compressed in a way that is not read here";
  if (samples !== 1 && samples !== 3) return `which has ${samples} samples in a pixel`;
  if (samples === 3 && numberOf(TAG.planarConfiguration, 1) !== 1) return "which has its colours apart";
  const [offsets, sizes, bits] = [TAG.stripOffsets, TAG.stripByteCounts, TAG.bitsPerSample].map((tag) =>
    numbers.get(tag),
  );
  if (offsets === undefined || sizes?.count !== offsets.count || offsets.count > MOST_STRIPS) {
    return "which has no strips";
  }
  const height = numberOf(TAG.height, 0);
  return {
    width: numberOf(TAG.width, 0),
    height,
    samples,
    compression,
    predictor,
    rowsPerStrip: Math.min(height, numberOf(TAG.rowsPerStrip, height)),
    bits: bits ?? { at, count: 0, itemSize: 2 },
    offsets,
    sizes,
    next: view.getUint32(directoryBytes(entries) - 4, true),
  };
}

const TAG = {
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  stripOffsets: 273,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  planarConfiguration: 284,
  predictor: 317,
};
const READ: ReadonlySet<number> = new Set([1, 5, 8, 32946]);

/** The numbers of an array, from its bytes. */
export function parseNumbers(bytes: Uint8Array, { count, itemSize }: TiffNumbers): number[] {
  const view = viewOf(bytes);
  return Array.from({ length: count }, (_, k) =>
    itemSize === 2 ? view.getUint16(2 * k, true) : view.getUint32(4 * k, true),
  );
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
