import type { ReadOptions } from "@ozx/core";
import { TiffFault } from "../parse/fault.js";
import { getUint64, HEADER_LENGTH, type TiffHeader, viewOf } from "../parse/header.js";
import { entryOf, formOf, ifdLength, parseIfd } from "../parse/ifd.js";
import { TAG } from "../parse/tags.js";
import type { WindowReader } from "./windows.js";

/**
 * The header of a file of more than 4 GiB that Hamamatsu wrote: it says that it is a TIFF with offsets of 32 bits, and has
 * the high halves of all offsets after its IFDs. Any other header is returned as it is.
 *
 * @param size of the file
 */
export async function withHighHalves(
  header: TiffHeader,
  windows: WindowReader,
  size: number,
  options?: ReadOptions,
): Promise<TiffHeader> {
  if (header.big || !header.littleEndian || size <= 2 ** 32) return header;
  const start = await windows.load(0, HEADER_LENGTH, options);
  const whole: TiffHeader = { ...header, highHalves: true, firstIfd: getUint64(viewOf(start), 4, true) };
  const { count } = formOf(whole);
  if (whole.firstIfd < 8 || whole.firstIfd + count > size) return header;
  try {
    const length = ifdLength(await windows.load(whole.firstIfd, count, options), whole);
    if (whole.firstIfd + length > size) return header;
    const bytes = await windows.load(whole.firstIfd, length, options);
    const ifd = parseIfd(bytes.slice(0, length), whole.firstIfd, whole);
    return entryOf(ifd, TAG.NdpiFileFormat) === undefined ? header : whole;
  } catch (error) {
    if (error instanceof TiffFault) return header;
    throw error;
  }
}
