import { TiffFault } from "./fault.js";

/** The start of a TIFF. */
export interface TiffHeader {
  readonly littleEndian: boolean;
  /** Whether offsets and counts have 8 bytes (BigTIFF). */
  readonly big: boolean;
  /** The offset of the first IFD; 0 where there is none. */
  readonly firstIfd: number;
  /** Whether IFDs end with the high halves of their values, as those of Hamamatsu do in files of more than 4 GiB. */
  readonly highHalves?: boolean | undefined;
}

/** The bytes that {@link parseHeader} needs, at most. */
export const HEADER_LENGTH = 16;

/**
 * Parses the header: byte order, 42 (TIFF) or 43 (BigTIFF), and the offset of the first IFD.
 *
 * @param bytes the first 16 bytes of a file, or all of a shorter one
 * @returns undefined where it is not a TIFF
 * @throws TiffFault for a BigTIFF with other offsets than 8 bytes
 */
export function parseHeader(bytes: Uint8Array): TiffHeader | undefined {
  if (bytes.length < 8) return undefined;
  const view = viewOf(bytes);
  const order = view.getUint16(0, false);
  if (order !== 0x4949 && order !== 0x4d4d) return undefined;
  const littleEndian = order === 0x4949;
  const magic = view.getUint16(2, littleEndian);
  if (magic === 42) return { littleEndian, big: false, firstIfd: view.getUint32(4, littleEndian) };
  if (magic !== 43 || bytes.length < HEADER_LENGTH) return undefined;
  const [offsetSize, zero] = [view.getUint16(4, littleEndian), view.getUint16(6, littleEndian)];
  if (offsetSize !== 8 || zero !== 0) throw new TiffFault(`is a BigTIFF with offsets of ${offsetSize} bytes`);
  return { littleEndian, big: true, firstIfd: getUint64(view, 8, littleEndian) };
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Reads 8 bytes as a number. What is not a safe integer lies beyond any file, so the rounding does not matter. */
export function getUint64(view: DataView, at: number, littleEndian: boolean): number {
  const [high, low] = littleEndian ? [at + 4, at] : [at, at + 4];
  return view.getUint32(high, littleEndian) * 0x1_0000_0000 + view.getUint32(low, littleEndian);
}
