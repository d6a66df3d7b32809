const MAGIC = 0xfd2fb528;
const MAGIC_BYTES = 4;
const CHECKSUM_BYTES = 4;
const FLAG_CHECKSUM = 4;

/** What a Zstandard frame says of itself (RFC 8878, 3.1.1). */
export interface ZstdFrame {
  /** Frame_Content_Size; undefined where it is left out. */
  readonly contentSize: number | undefined;
  readonly hasChecksum: boolean;
  /** Where the frame ends, by the sizes of its blocks; undefined where the bytes end before. */
  readonly end: number | undefined;
}

/** Reads the header of a frame and goes over its blocks; undefined where the bytes are no such frame. */
export function readFrame(bytes: Uint8Array): ZstdFrame | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < MAGIC_BYTES + 2 || view.getUint32(0, true) !== MAGIC) return undefined;
  const descriptor = view.getUint8(MAGIC_BYTES);
  const single = (descriptor & 0x20) !== 0;
  const dictionaryBytes = (1 << (descriptor & 3)) >> 1;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? Number(single) : 1 << sizeFlag;
  const at = MAGIC_BYTES + 1 + Number(!single) + dictionaryBytes;
  if (at + sizeBytes > bytes.length) return undefined;
  const hasChecksum = (descriptor & FLAG_CHECKSUM) !== 0;
  return {
    contentSize: contentSizeAt(view, at, sizeBytes),
    hasChecksum,
    end: endOf(view, at + sizeBytes, hasChecksum),
  };
}

function contentSizeAt(view: DataView, at: number, bytes: number): number | undefined {
  switch (bytes) {
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint16(at, true) + 256;
    case 4:
      return view.getUint32(at, true);
    case 8:
      return Number(view.getBigUint64(at, true));
    default:
      return undefined;
  }
}

/** Goes from block to block (RFC 8878, 3.1.1.2). */
function endOf(view: DataView, start: number, hasChecksum: boolean): number | undefined {
  let at = start;
  for (;;) {
    if (at + 3 > view.byteLength) return undefined;
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    const isRun = ((header >> 1) & 3) === 1;
    at += 3 + (isRun ? 1 : header >> 3);
    if (at > view.byteLength) return undefined;
    if (header & 1) break;
  }
  const end = at + (hasChecksum ? CHECKSUM_BYTES : 0);
  return end <= view.byteLength ? end : undefined;
}

/** The frame with a checksum of its content behind it; the encoder left it out. */
export function withChecksum(frame: Uint8Array, checksum: number): Uint8Array {
  const out = new Uint8Array(frame.length + CHECKSUM_BYTES);
  out.set(frame);
  out[MAGIC_BYTES] = (frame[MAGIC_BYTES] ?? 0) | FLAG_CHECKSUM;
  new DataView(out.buffer).setUint32(frame.length, checksum, true);
  return out;
}
