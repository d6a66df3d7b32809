/** What precedes the frame of compression 6. */
export interface Zstd1Header {
  /** Bytes before the frame. */
  readonly length: number;
  /** Whether the low bytes of all 16-bit words come first, and then the high ones. */
  readonly isHighLow: boolean;
}

/** The longest header that is known. */
const LONGEST = 3;
/** The number of the one chunk of options: how bytes were packed. */
const PACKING = 1;
// RFC 8878, 3.1.1.
const FRAME = [0x28, 0xb5, 0x2f, 0xfd];

/** Whether bytes start as a frame of Zstandard does. */
export function isZstdFrame(bytes: Uint8Array, at = 0): boolean {
  return FRAME.every((byte, k) => bytes[at + k] === byte);
}

/**
 * Parses the header of compression 6: its length, and the options that it has.
 *
 * @returns undefined where it is not one that is known, with a frame after it
 */
export function parseZstd1(bytes: Uint8Array): Zstd1Header | undefined {
  const [length = 0, chunk, options = 0] = bytes;
  const isKnown = length === 1 || (length === LONGEST && chunk === PACKING);
  if (!isKnown || !isZstdFrame(bytes, length)) return undefined;
  return { length, isHighLow: length === LONGEST && (options & 1) === 1 };
}

/** Puts the low and the high bytes of 16-bit words side by side again, whatever the words belong to. */
export function unpackHighLow(packed: Uint8Array): Uint8Array {
  const words = packed.length >> 1;
  const bytes = new Uint8Array(packed.length);
  for (let k = 0; k < words; k++) {
    bytes[2 * k] = packed[k] as number;
    bytes[2 * k + 1] = packed[words + k] as number;
  }
  if (packed.length % 2 === 1) bytes[packed.length - 1] = packed[packed.length - 1] as number;
  return bytes;
}

/** The inverse of {@link unpackHighLow}, for an even number of bytes. */
export function packHighLow(bytes: Uint8Array): Uint8Array {
  const words = bytes.length >> 1;
  const packed = new Uint8Array(bytes.length);
  for (let k = 0; k < words; k++) {
    packed[k] = bytes[2 * k] as number;
    packed[words + k] = bytes[2 * k + 1] as number;
  }
  return packed;
}
