import type { CentralDirectory } from "../directory/central-directory.js";
import { getUint64, viewOf } from "../records/fields.js";

/** The longest descriptor: signature, CRC and two 8-byte sizes. */
export const DESCRIPTOR_ROOM = 24;
const SIGNATURE = 0x08074b50;

/**
 * How long the data descriptor at the start of `bytes` is (APPNOTE 4.3.9), with the signature or without, with
 * sizes of 4 bytes or 8; undefined when it says something else than the central directory does.
 */
export function descriptorLength(
  bytes: Uint8Array,
  { crcs, sizes, compressedSizes }: CentralDirectory,
  index: number,
): number | undefined {
  const view = viewOf(bytes);
  const holds = (start: number, wide: boolean): boolean => {
    const length = start + (wide ? 20 : 12);
    if (length > bytes.length || view.getUint32(start, true) !== crcs[index]) return false;
    const sizeAt = (at: number): number => (wide ? getUint64(view, at) : view.getUint32(at, true));
    const [compressed, size] = [sizeAt(start + 4), sizeAt(start + (wide ? 12 : 8))];
    return compressed === compressedSizes[index] && size === sizes[index];
  };
  const signed = bytes.length >= 4 && view.getUint32(0, true) === SIGNATURE;
  for (const start of signed ? [4, 0] : [0]) {
    if (holds(start, true)) return start + 20;
    if (holds(start, false)) return start + 12;
  }
  return undefined;
}
