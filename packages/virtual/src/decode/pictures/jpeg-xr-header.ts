import { DamagedSegmentError } from "../segment-fault.js";

const NAME = "JPEG XR";

/** `II`, 0xBC and a version of 0 or 1 (ITU-T T.832, A.4). */
const MAGIC = [0x49, 0x49, 0xbc];
// ITU-T T.832, table A.4.
const IMAGE_WIDTH = 0xbc80;
const IMAGE_HEIGHT = 0xbc81;
/** Entries of an IFD that are looked at. */
const MOST_ENTRIES = 256;

/** Whether bytes start as a JPEG XR file does. */
export function isJpegXr(bytes: Uint8Array): boolean {
  return bytes.length > 8 && MAGIC.every((byte, at) => bytes[at] === byte);
}

/**
 * The size of the picture in a JPEG XR file, which is laid out as a TIFF.
 *
 * @throws DamagedSegmentError
 */
export function readJpegXrHeader(bytes: Uint8Array): { readonly width: number; readonly height: number } {
  if (!isJpegXr(bytes)) throw new DamagedSegmentError(NAME, "does not start as JPEG XR does");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ifd = view.getUint32(4, true);
  if (ifd + 2 > bytes.length) throw new DamagedSegmentError(NAME, "has its directory beyond its end");
  const count = Math.min(view.getUint16(ifd, true), MOST_ENTRIES);
  if (ifd + 2 + count * 12 > bytes.length) throw new DamagedSegmentError(NAME, "ends within its directory");
  let [width, height] = [0, 0];
  for (let k = 0; k < count; k++) {
    const at = ifd + 2 + k * 12;
    const tag = view.getUint16(at, true);
    const type = view.getUint16(at + 2, true);
    const value =
      type === 1
        ? view.getUint8(at + 8)
        : type === 3
          ? view.getUint16(at + 8, true)
          : view.getUint32(at + 8, true);
    if (tag === IMAGE_WIDTH) width = value;
    if (tag === IMAGE_HEIGHT) height = value;
  }
  if (width === 0 || height === 0) throw new DamagedSegmentError(NAME, `holds ${width} × ${height} pixels`);
  return { width, height };
}
