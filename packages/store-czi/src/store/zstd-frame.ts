/** The most bytes of a block (RFC 8878, 3.1.1.2.4). */
const BLOCK = 128 * 1024;
/** Magic number, a descriptor, and a content size of 4 bytes in a single segment. */
const HEADER = 9;
const BLOCK_HEADER = 3;

/** Bytes of a frame of Zstandard that holds so many bytes as they are. */
export function rawFrameBytes(length: number): number {
  return HEADER + Math.max(1, Math.ceil(length / BLOCK)) * BLOCK_HEADER + length;
}

/**
 * A frame of Zstandard whose blocks hold bytes as they are (RFC 8878, 3.1.1), for the few chunks of an array of frames
 * that are not in the file as they are: their encoded length must be known before they are decoded.
 */
export function rawFrame(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(rawFrameBytes(bytes.length));
  const view = new DataView(out.buffer);
  view.setUint32(0, 0xfd2fb528, true);
  // Frame_Content_Size has 4 bytes, and there is a single segment.
  view.setUint8(4, 0b1010_0000);
  view.setUint32(5, bytes.length, true);
  let to = HEADER;
  let from = 0;
  do {
    const length = Math.min(BLOCK, bytes.length - from);
    const isLast = from + length === bytes.length;
    // Block_Type 0 is Raw_Block.
    const header = (length << 3) | Number(isLast);
    view.setUint16(to, header & 0xffff, true);
    view.setUint8(to + 2, header >>> 16);
    out.set(bytes.subarray(from, from + length), to + BLOCK_HEADER);
    to += BLOCK_HEADER + length;
    from += length;
  } while (from < bytes.length);
  return out;
}
