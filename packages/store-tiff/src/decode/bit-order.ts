/** Whether this machine's typed arrays are little-endian. */
export const NATIVE_LITTLE: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * Reverses the bytes of each sample, in place.
 *
 * @param bytes whole samples, aligned to their size
 * @param size of a sample: 1, 2, 4 or 8 bytes
 */
export function swapBytes(bytes: Uint8Array, size: number): void {
  const { buffer, byteOffset, byteLength } = bytes;
  if (size === 2) {
    const values = new Uint16Array(buffer, byteOffset, byteLength >> 1);
    for (let k = 0; k < values.length; k++) {
      const value = values[k] as number;
      values[k] = (value << 8) | (value >> 8);
    }
  } else if (size === 4) {
    const values = new Int32Array(buffer, byteOffset, byteLength >> 2);
    for (let k = 0; k < values.length; k++) values[k] = swapped32(values[k] as number);
  } else if (size === 8) {
    const values = new Int32Array(buffer, byteOffset, byteLength >> 2);
    for (let k = 0; k + 1 < values.length; k += 2) {
      const first = swapped32(values[k] as number);
      values[k] = swapped32(values[k + 1] as number);
      values[k + 1] = first;
    }
  }
}

function swapped32(value: number): number {
  return (value << 24) | ((value & 0xff00) << 8) | ((value >> 8) & 0xff00) | (value >>> 24);
}

/** Bytes with their bits in reverse order (FillOrder 2). */
export function reverseBits(bytes: Uint8Array): Uint8Array {
  const reversed = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) {
    // The bits of the half, and the last bit in front of them.
    reversed[byte] = ((reversed[byte >> 1] as number) >> 1) | ((byte & 1) << 7);
  }
  const out = new Uint8Array(bytes.length);
  for (let k = 0; k < bytes.length; k++) out[k] = reversed[bytes[k] as number] as number;
  return out;
}

/** Bytes that typed arrays of `size` bytes can be laid on: the same, or a copy. */
export function aligned(bytes: Uint8Array, size: number): Uint8Array {
  return bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
}
