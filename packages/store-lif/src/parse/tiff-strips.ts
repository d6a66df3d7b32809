/** The bytes that {@link parseTiffStart} needs. */
export const TIFF_START = 8;
/** Strips of a picture, at most. */
const MOST_STRIPS = 1_048_576;
const ENTRY = 12;

/** Where a TIFF has its pixels. */
export interface TiffStrips {
  /** Where the numbers of the strips' offsets and of their bytes are, and what they are. */
  readonly offsets: TiffNumbers;
  readonly sizes: TiffNumbers;
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
 * Where the pixels of a TIFF are that are its strips as they are: of one page, gray, and not compressed.
 *
 * @param bytes the first directory, {@link directoryBytes} of it
 * @param at where it is in the file
 * @returns why they are not, as the end of a sentence about the file
 */
export function parseTiffStrips(bytes: Uint8Array, at: number): TiffStrips | string {
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
  const [compression = 1, samples = 1] = [first.get(TAG.compression), first.get(TAG.samplesPerPixel)];
  if (compression !== 1) return "which is compressed";
  if (samples !== 1) return "which is in colour";
  if (view.getUint32(directoryBytes(entries) - 4, true) !== 0) return "which has several pages";
  const [offsets, sizes] = [numbers.get(TAG.stripOffsets), numbers.get(TAG.stripByteCounts)];
  if (offsets === undefined || sizes?.count !== offsets.count || offsets.count > MOST_STRIPS) {
    return "which has no strips";
  }
  return { offsets, sizes };
}

const TAG = { compression: 259, stripOffsets: 273, samplesPerPixel: 277, stripByteCounts: 279 };

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
