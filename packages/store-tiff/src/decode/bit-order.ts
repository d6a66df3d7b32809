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
